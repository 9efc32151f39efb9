import API

/// libFuzzer's entry: each input is given to every codec. Built and run by scripts/fuzz.sh.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  for type in Codecs.all {
    do {
      try Fixpoint.check(type, bytes)
    } catch {
      fatalError("\(error.message) does not read what it writes")
    }
  }
  return 0
}
