/// What must change before the call can succeed.
package struct PreconditionFailure: Message {
  package static var name: String { "google.rpc.PreconditionFailure" }

  package var violations: [Violation] = []

  package init() {}

  package init(violations: [Violation]) {
    self.violations = violations
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &violations)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, violations)
  }

  /// One precondition that does not hold.
  package struct Violation: Message {
    package static var name: String { "google.rpc.PreconditionFailure.Violation" }

    /// UPPER_SNAKE, for programs.
    package var type = ""
    /// What it holds of: "plans/7".
    package var subject = ""
    /// A sentence for a person.
    package var description = ""

    package init() {}

    package init(type: String, subject: String, description: String) {
      self.type = type
      self.subject = subject
      self.description = description
    }

    package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): type = try reader.string()
        case .length(2): subject = try reader.string()
        case .length(3): description = try reader.string()
        default: try reader.skip(tag)
        }
      }
    }

    package func write<Sink: WireSink>(to sink: inout Sink) {
      sink.string(1, type)
      sink.string(2, subject)
      sink.string(3, description)
    }
  }
}
