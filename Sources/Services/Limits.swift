/// Every bound of this room, with its unit last.
enum Limits {
  /// A longer `authorization` value is refused unread.
  static let maxTokenBytes = 8 * 1024
  /// A shorter HS256 secret is refused at start (RFC 7518 section 3.2).
  static let minSecretBytes = 32
  static let maxJWKSBytes = 1024 * 1024
  /// A token without `kid` is tried with every key of its algorithm.
  static let maxJWKSKeys = 16
  /// `sub` and `account`, in UTF-8.
  static let maxIdentityBytes = 256

  /// The cache of verified tokens: independent parts, so that threads do not meet.
  static let tokenCacheStripes = 16
  static let tokenCacheEntriesPerStripe = 2048
  static let tokenCacheBytesPerStripe = 1024 * 1024

  static let maxRequestIDCharacters = 128
  static let maxPlanCodeCharacters = 64
  static let maxPlanNameCharacters = 120
  static let maxPlanDescriptionCharacters = 2000
  static let maxPlanFeatures = 64
  static let maxPlanFeatureCharacters = 200
  static let maxMaskPaths = 32
  /// Of what a client sent, in an error that names it.
  static let maxQuotedCharacters = 64
  /// Ours have 11.
  static let maxETagBytes = 64

  static let defaultPageElements = 50
  static let maxPageElements = 1000
  /// A page ends early rather than outgrow what clients receive by default, 4 MiB.
  static let maxPageBytes = 3 * 1024 * 1024
  /// What a list reads from the store at a time.
  static let maxFetchedRecords = 100
  static let maxPageTokenBytes = 4096

  /// How many of the packages that keep a plan from being deleted are named.
  static let maxNamedPackages = 10

  /// Twice what clients are promised.
  static let replayKeepSeconds: Int64 = 48 * 3600
  static let replayPurgeBatchRecords = 500

  static let auditPageRecords = 500

  /// A caller may make so many seconds' worth of its calls at once.
  static let rateLimitBurstSeconds = 2
  static let rateLimitShards = 64
  /// So that callers without number cannot fill the memory; beyond it new ones are refused.
  static let maxCallersPerRateLimitShard = 4096

  // Hosting packages.

  /// Of a disk scan, with those above the ones that it names: a page walks through all of them.
  static let maxScanDirectories = 250_000
}
