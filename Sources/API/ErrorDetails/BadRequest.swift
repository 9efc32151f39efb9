/// What is wrong with a request, all of it at once.
package struct BadRequest: Message {
  package static var name: String { "google.rpc.BadRequest" }

  package var fieldViolations: [FieldViolation] = []

  package init() {}

  package init(fieldViolations: [FieldViolation]) {
    self.fieldViolations = fieldViolations
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &fieldViolations)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, fieldViolations)
  }

  /// One field and what is wrong with it.
  package struct FieldViolation: Message {
    package static var name: String { "google.rpc.BadRequest.FieldViolation" }

    /// Path from the request: "plan.price.units".
    package var field = ""
    /// A sentence for a person.
    package var description = ""
    /// UPPER_SNAKE, for programs.
    package var reason = ""
    package var localizedMessage: LocalizedMessage?

    package init() {}

    package init(field: String, description: String, reason: String = "") {
      self.field = field
      self.description = description
      self.reason = reason
    }

    package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): field = try reader.string()
        case .length(2): description = try reader.string()
        case .length(3): reason = try reader.string()
        case .length(4): try reader.message(into: &localizedMessage)
        default: try reader.skip(tag)
        }
      }
    }

    package func write<Sink: WireSink>(to sink: inout Sink) {
      sink.string(1, field)
      sink.string(2, description)
      sink.string(3, reason)
      sink.message(4, localizedMessage)
    }
  }
}

/// A sentence in a language of choice.
package struct LocalizedMessage: Message {
  package static var name: String { "google.rpc.LocalizedMessage" }

  /// BCP 47: "en-GB".
  package var locale = ""
  package var message = ""

  package init() {}

  package init(locale: String, message: String) {
    self.locale = locale
    self.message = message
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): locale = try reader.string()
      case .length(2): message = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, locale)
    sink.string(2, message)
  }
}
