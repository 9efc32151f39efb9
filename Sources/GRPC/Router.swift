/// Finds a method by the bytes of its path, without making a string of them.
package final class Router: Sendable {
  /// What a path leads to.
  enum Route {
    case method(RoutedMethod)
    /// There is none, and why: a sentence for the client.
    case unknown(String)
  }

  /// A method in one object, so that a call holds it with a single reference.
  final class RoutedMethod: Sendable {
    let name: String
    let path: [UInt8]
    /// Its place in ``Router/methods``.
    let index: Int
    let kind: Method.Kind
    let compression: ResponseCompression
    let interceptors: [any Interceptor & Sendable]
    let hasInterceptors: Bool
    let handler: Method.Handler

    init(_ method: Method, index: Int) {
      name = method.path
      path = Array(method.path.utf8)
      self.index = index
      kind = method.kind
      compression = method.compression
      interceptors = method.interceptors
      hasInterceptors = !method.interceptors.isEmpty
      handler = method.handler
    }
  }

  private let slots: [Int]
  private let routed: [RoutedMethod]
  /// The paths of all methods.
  package let methods: [String]
  private let services: Set<String>
  /// Details for errors that are raised below the services: an encoded `google.rpc.Status`.
  let details: @Sendable (Status.Code, String) -> [UInt8]

  /// - Parameters:
  ///   - methods: each path once.
  ///   - details: makes the details of errors that this room raises by itself.
  package init(
    methods: [Method], details: @escaping @Sendable (Status.Code, String) -> [UInt8]
  ) {
    self.methods = methods.map(\.path)
    self.routed = methods.enumerated().map { RoutedMethod($1, index: $0) }
    self.services = Set(methods.compactMap { Self.split($0.path)?.service })
    self.details = details
    // A quarter full at most: most look-ups end at their first slot.
    var slots = [Int](repeating: -1, count: max(16, methods.count * 8).roundedUpToPowerOf2)
    for (index, method) in methods.enumerated() {
      var slot = Array(method.path.utf8).withUnsafeBytes { Self.hash($0) } & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = index
    }
    self.slots = slots
  }

  func route(_ path: UnsafeRawBufferPointer) -> Route {
    var slot = Self.hash(path) & (slots.count - 1)
    while slots[slot] >= 0 {
      let candidate = routed[slots[slot]]
      if candidate.path.count == path.count, path.elementsEqual(candidate.path) {
        return .method(candidate)
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return .unknown(explain(String(decoding: path.prefix(256), as: UTF8.self)))
  }

  private func explain(_ path: String) -> String {
    guard let (service, method) = Self.split(path) else {
      return "malformed method path \"\(path)\": expected /service/method"
    }
    return services.contains(service)
      ? "unknown method \(method) for service \(service)" : "unknown service \(service)"
  }

  private static func split(_ path: String) -> (service: String, method: String)? {
    guard path.hasPrefix("/"), let slash = path.dropFirst().lastIndex(of: "/") else { return nil }
    let service = path[path.index(after: path.startIndex)..<slash]
    return service.isEmpty ? nil : (String(service), String(path[path.index(after: slash)...]))
  }

  /// FNV-1a: the keys are ours, so nobody can make them collide.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ (hash >> 29))
  }
}

extension Int {
  fileprivate var roundedUpToPowerOf2: Int {
    self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
  }
}
