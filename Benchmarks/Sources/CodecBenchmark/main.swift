import API
import CPlan
import SwiftProtobuf
import SwiftProtobufPlan

// Decodes and encodes one plan, all 17 fields set, with the codecs of API, with SwiftProtobuf
// and with libprotobuf-c, in one process and in turns.

guard let sample = Sample() else {
  fatalError("the three codecs disagree about the sample plan")
}
print("One plan, \(sample.bytes.count) bytes, 17 fields.\n")
print(table("decode", measure(sample.decoders)), "\n")
print(table("encode to a new array", measure(sample.encoders)), "\n")
print(table("encode to a ready buffer", measure(sample.bufferEncoders)))
