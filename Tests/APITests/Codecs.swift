import API

/// Every message with a codec.
enum Codecs {
  static let all: [any Message.Type] = [
    AnyMessage.self, DurationMessage.self, FieldMask.self, Timestamp.self,
    BadRequest.self, BadRequest.FieldViolation.self, ErrorInfo.self, LocalizedMessage.self,
    PreconditionFailure.self, PreconditionFailure.Violation.self,
    QuotaFailure.self, QuotaFailure.Violation.self,
    RequestInfo.self, ResourceInfo.self, RetryInfo.self, RPCStatus.self,
    HealthCheckRequest.self, HealthCheckResponse.self,
    ExtensionNumberResponse.self, ExtensionRequest.self, FileDescriptorResponse.self,
    ListServiceResponse.self, ReflectionError.self, ServerReflectionRequest.self,
    ServerReflectionResponse.self, ServiceResponse.self,
    Shapes.self,
    CreatePlanRequest.self, CreatePlanResponse.self,
    DeletePlanRequest.self, DeletePlanResponse.self,
    GetPlanRequest.self, GetPlanResponse.self,
    ListActivePlansRequest.self, ListActivePlansResponse.self,
    ListPlanVersionsRequest.self, ListPlanVersionsResponse.self,
    ListPlansRequest.self, ListPlansResponse.self,
    Money.self, Plan.self, Quota.self,
    UpdatePlanRequest.self, UpdatePlanResponse.self,
  ]

  static let names = all.map { $0.name }

  /// The message `name` in `bytes`, by its codec.
  static func decode(_ name: String, _ bytes: [UInt8]) throws(DecodingError) -> any Message {
    guard let type = all.first(where: { $0.name == name }) else {
      fatalError("\(name) is not in Codecs.all")
    }
    return try type.init(decoding: bytes)
  }

  /// What the codec makes of `bytes` once it has read them.
  static func transcode(_ name: String, _ bytes: [UInt8]) throws(DecodingError) -> [UInt8] {
    try decode(name, bytes).encoded()
  }
}
