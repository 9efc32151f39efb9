import API

/// Every message with a codec.
enum Codecs {
  static let all = common + catalogue + packages + sellerPackages

  private static let common: [any Message.Type] = [
    AnyMessage.self, DurationMessage.self, FieldMask.self, Timestamp.self,
    BadRequest.self, BadRequest.FieldViolation.self, ErrorInfo.self, LocalizedMessage.self,
    PreconditionFailure.self, PreconditionFailure.Violation.self,
    QuotaFailure.self, QuotaFailure.Violation.self,
    RequestInfo.self, ResourceInfo.self, RetryInfo.self, RPCStatus.self,
    HealthCheckRequest.self, HealthCheckResponse.self,
    ExtensionNumberResponse.self, ExtensionRequest.self, FileDescriptorResponse.self,
    ListServiceResponse.self, ReflectionError.self, ServerReflectionRequest.self,
    ServerReflectionResponse.self, ServiceResponse.self,
    Shapes.self, Money.self, Quota.self,
  ]

  private static let catalogue: [any Message.Type] = [
    CreatePlanRequest.self, CreatePlanResponse.self,
    DeletePlanRequest.self, DeletePlanResponse.self,
    GetPlanRequest.self, GetPlanResponse.self,
    ListActivePlansRequest.self, ListActivePlansResponse.self,
    ListPlanVersionsRequest.self, ListPlanVersionsResponse.self,
    ListPlansRequest.self, ListPlansResponse.self,
    Plan.self,
    UpdatePlanRequest.self, UpdatePlanResponse.self,
  ]

  private static let packages: [any Message.Type] = [
    AddPackageStackUserRequest.self, AddPackageStackUserResponse.self,
    AttachResourceRequest.self, AttachResourceResponse.self,
    CreatePackageRequest.self, CreatePackageResponse.self,
    DeletePackageRequest.self, DeletePackageResponse.self,
    DetachResourceRequest.self, DetachResourceResponse.self,
    GetPackageBandwidthUsageRequest.self, GetPackageBandwidthUsageResponse.self,
    GetPackageConfigurationRequest.self, GetPackageConfigurationResponse.self,
    GetPackageDiskUsageRequest.self, GetPackageDiskUsageResponse.self,
    GetPackageLimitsRequest.self, GetPackageLimitsResponse.self,
    GetPackageRequest.self, GetPackageResponse.self,
    GetPackageServicesRequest.self, GetPackageServicesResponse.self,
    GetPackageUsageRequest.self, GetPackageUsageResponse.self,
    GetPackageWebInfoRequest.self, GetPackageWebInfoResponse.self,
    IngestUsageRequest.self, IngestUsageResponse.self,
    ListPackageStackUsersRequest.self, ListPackageStackUsersResponse.self,
    ListPackageTypesRequest.self, ListPackageTypesResponse.self,
    ListPackagesRequest.self, ListPackagesResponse.self,
    ListResourcesRequest.self, ListResourcesResponse.self,
    RemovePackageStackUserRequest.self, RemovePackageStackUserResponse.self,
    SuspendPackageRequest.self, SuspendPackageResponse.self,
    UndeletePackageRequest.self, UndeletePackageResponse.self,
    UnsuspendPackageRequest.self, UnsuspendPackageResponse.self,
    UpdatePackageConfigurationRequest.self, UpdatePackageConfigurationResponse.self,
    UpdatePackageRequest.self, UpdatePackageResponse.self,
    VerifyCredentialsRequest.self, VerifyCredentialsResponse.self,
    WatchPackagesRequest.self, WatchPackagesResponse.self,
    BandwidthBucket.self, BandwidthDelta.self, DirectoryUsage.self, DiskScan.self,
    FileTypeUsage.self, HostingPackage.self, PackageBandwidthUsage.self, PackageChange.self,
    PackageConfiguration.self, PackageDiskUsage.self, PackageLimit.self, PackageResource.self,
    PackageServiceUse.self, PackageServices.self, PackageStackUser.self, PackageUsage.self,
    PackageWebInfo.self, Suspension.self, UsageEvent.self, UsageFigure.self, WebDomain.self,
  ]

  private static let sellerPackages: [any Message.Type] = [
    CheckEntitlementRequest.self, CheckEntitlementResponse.self,
    CommitListingRequest.self, CommitListingResponse.self,
    CreateSellerPackageRequest.self, CreateSellerPackageResponse.self,
    DeleteSellerPackageRequest.self, DeleteSellerPackageResponse.self,
    GetPackageStatusRequest.self, GetPackageStatusResponse.self,
    GetReceiptRequest.self, GetReceiptResponse.self,
    GetSellerPackageRequest.self, GetSellerPackageResponse.self,
    ListMyPackagesRequest.self, ListMyPackagesResponse.self,
    ListPurchasesRequest.self, ListPurchasesResponse.self,
    ListSellerPackagesRequest.self, ListSellerPackagesResponse.self,
    ListUnresolvedPaymentsRequest.self, ListUnresolvedPaymentsResponse.self,
    PurchasePackageRequest.self, PurchasePackageResponse.self,
    QuotePackageChangeRequest.self, QuotePackageChangeResponse.self,
    ReleaseListingRequest.self, ReleaseListingResponse.self,
    RenewPackageRequest.self, RenewPackageResponse.self,
    ReserveListingRequest.self, ReserveListingResponse.self,
    UpdateSellerPackageRequest.self, UpdateSellerPackageResponse.self,
    CreditCard.self, Entitlement.self, ListingSlot.self, PackageChangeQuote.self, PayPal.self,
    Purchase.self, Receipt.self, SellerPackage.self, SellerPackageStatus.self,
    UnresolvedPayment.self,
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
