internal import Storage

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

  /// A longer request message is read, hashed and looked at on another thread than its
  /// connection's.
  static let maxInlineRequestBytes = 64 * 1024

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
  static let maxPageTokenBytes = 6 * 1024

  /// How many of the packages that keep a plan from being deleted are named.
  static let maxNamedPackages = 10
  /// How many of them are looked at to find some of the caller's own account.
  static let maxPackagesLookedAtForNames = 100

  /// Twice what clients are promised.
  static let replayKeepSeconds: Int64 = 48 * 3600
  static let replayPurgeBatchRecords = 500
  /// What is left to a caller, at most, who is told that the same request is still worked on.
  static let inFlightAnswerNanoseconds: Int64 = 500_000_000

  static let auditPageRecords = 500

  /// A caller may make so many seconds' worth of its calls at once.
  static let rateLimitBurstSeconds = 2
  static let rateLimitShards = 64
  /// So that callers without number cannot fill the memory; beyond it new ones are refused.
  static let maxCallersPerRateLimitShard = 4096

  // Hosting packages.

  static let maxPackageNameCharacters = 120
  static let maxExtraDomains = 100
  /// One for each domain.
  static let maxDocumentRoots = maxExtraDomains + 1
  static let maxDomainFilterCharacters = 253
  static let maxStackUsers = 100
  static let maxUserIDCharacters = 128
  static let maxSuspensionReasonCharacters = 1000
  /// What a page of packages looks at, whatever few of them its filters let through.
  static let maxScannedPackages = 2000
  /// How many of the resources that keep a package from being deleted, or a domain from being
  /// dropped, are looked up to be named.
  static let maxNamedResources = 100
  /// Of the violations in a status that may have many, so that all trailers together, these in
  /// base64, stay below the 8 KiB of headers that many clients take at most.
  static let maxViolationBytes = 4 * 1024
  static let walkedResourceBatchRecords = 500
  /// Each may have thousands of hours of bandwidth.
  static let packagePurgeBatchRecords = 5

  /// OWASP's Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes and one lane.
  static let passwordHashMemoryKiB = 19 * 1024
  static let passwordHashPasses = 2
  /// A kept hash that would cost more to check is not one of ours.
  static let maxPasswordHashMemoryKiB = 64 * 1024
  static let maxPasswordHashPasses = 16
  /// Ours have 97.
  static let maxPasswordHashBytes = 128
  /// Callers that wait for their password to be hashed: 0.7 s on two cores.
  static let maxWaitingPasswords = 64
  /// Of these places, what creations of packages take at most; the rest is for who logs in.
  static let maxWaitingCreations = 32
  static let maxWaitingCreationsPerAccount = 16
  /// What a caller without a place is told to wait, to twice as much.
  static let passwordQueueRetryMilliseconds: UInt64 = 500

  static let attemptsPerMinutePerUsername = 10
  static let attemptsPerMinutePerAddress = 60
  /// The tables of who tried how often: parts that do not wait for each other.
  static let attemptTableShards = 16
  static let attemptsPerTableShard = 4096

  static let minPasswordCharacters = 12
  static let maxPasswordCharacters = 256
  static let minUsernameCharacters = 3
  static let maxUsernameCharacters = 32
  /// RFC 1035 section 2.3.4, without the bytes of the wire's own form.
  static let maxDomainNameCharacters = 253
  static let maxDomainLabelCharacters = 63
  static let maxDocumentRootCharacters = 255
  /// Digits of either part of "8.3".
  static let maxPHPVersionDigits = 2

  static let maxMailboxLocalPartCharacters = 64
  static let maxResourceNameCharacters = 253
  static let maxDatabaseNameCharacters = 63
  /// Of one kind and one package, whatever its plan allows: a forced deletion takes all at once.
  static let maxResourcesPerKind = 10_000
  static let phpMemoryLimitMegabytes: ClosedRange<Int32> = 16...4096
  static let phpExecutionSeconds: ClosedRange<Int32> = 1...3600
  static let phpUploadMegabytes: ClosedRange<Int32> = 1...4096
  static let maxCustomSettings = 64
  static let maxCustomKeyCharacters = 64
  static let maxCustomValueCharacters = 1024
  /// Of a disk scan, with those above the ones that it names.
  static let maxScanDirectories = 250_000
  /// What a page of directories looks at, whatever few of them are high enough.
  static let maxWalkedDirectories = 20_000
  /// The deepest that directories are listed.
  static let maxListedDepth: Int32 = 64
  /// Hours of 11 years.
  static let maxBandwidthBuckets: Int64 = 100_000
  /// From 1678 to the end of 2261, which ``Instant`` has room for.
  static let bandwidthTimeSeconds: ClosedRange<Int64> = -9_214_560_000...9_214_646_399

  // MARK: Usage of hosting packages

  static let maxUsageAgeSeconds: Int64 = 35 * Instant.secondsPerDay
  static let maxUsageAheadSeconds: Int64 = 300
  /// For so much longer than they are taken, events are kept, so that one whose answer was lost
  /// is known again.
  static let usageEventGraceSeconds: Int64 = 2 * Instant.secondsPerDay
  /// Of a google.protobuf.Timestamp: the years 1 to 9999.
  static let timestampSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
  /// 2^50 bytes are a pebibyte.
  static let maxUsageNumber: Int64 = 1 << 50
  /// Violations that the answer to an event names.
  static let maxNamedViolations = 8

  /// Events that one stream brings into a transaction, unless they are longer together.
  static let maxUsageBatchEvents = 512
  static let maxUsageBatchBytes = 1024 * 1024
  /// Batches that are worked on at a time; other streams' messages stay in their windows.
  static let maxUsageBatches = 16

  static let maxScanFileTypes = 4096
  static let maxPathBytes = 4096
  static let maxPathDepth = 64
  static let maxFileTypeCharacters = 32

  static let usagePurgeBatchRecords = 500

  // MARK: Watches of hosting packages

  /// What a watch takes of the log at a time.
  static let maxChangePageRecords = 64
  static let maxChangePageBytes = 64 * 1024
  /// Read from the store at a time: a change may be of half a megabyte.
  static let changeFetchRecords = 16
  /// Until changes are read again that an overloaded store did not give.
  static let changeReadPause = Duration.milliseconds(100)
  /// Changes of an account that are kept encoded, unless they are longer together.
  static let maxRingChanges = 256
  static let maxRingBytes = 512 * 1024
  /// After so many changes of other packages, a watch of one gets a token alone.
  static let maxSkippedChanges: Int64 = 64

  // MARK: Seller packages

  static let sellerPackageDays: ClosedRange<Int32> = 1...3660
  static let maxSellerPackageNameCharacters = 120
  static let maxSellerPackageDescriptionCharacters = 2000
  /// What a page of purchases looks at, whatever few of them its filters let through.
  static let maxScannedPurchases = 2000

  static let maxListingIDCharacters = 128
  static let minHoldSeconds: Int64 = 1
  static let maxHoldSeconds: Int64 = 24 * 3600
  /// Expired holds that a call deletes which looks for a free slot.
  static let maxExpiredSlotsPerCall = 100
  /// The same of the work in the background, per transaction.
  static let slotPurgeBatchRecords = 200

  static let maxReceiptNumberBytes = 64
  /// RFC 5321 section 4.5.3.1.3, without the brackets.
  static let maxMailAddressBytes = 254
  /// Of a host in a setting: RFC 1035 section 2.3.4.
  static let maxHostBytes = 253

  /// Until who has another payment under way may try again, at least.
  static let paymentRetryMilliseconds: UInt64 = 1000
  /// Until the outcome of a payment may be known, at least.
  static let unresolvedRetryMilliseconds: UInt64 = 5000
  /// For how long who renews again is told of a renewal whose answer was lost.
  static let unheardRenewalSeconds: Int64 = 3600
  /// For how long still, once somebody was told: who clicked twice means the same.
  static let toldRenewalSeconds: Int64 = 10
  /// How many renewals are kept in mind as heard of that the store did not take as such.
  static let maxUnwrittenHearings = 10_000
  /// Until the gateway may be reached again, at least.
  static let gatewayRetryMilliseconds: UInt64 = 2000

  /// With what may stand between the digits.
  static let maxCardNumberBytes = 64
  /// ISO/IEC 7812-1.
  static let cardDigits = 12...19
  static let maxCardYearsAhead: Int64 = 100
  static let maxCardHolderCharacters = 120
  static let maxApprovalTokenCharacters = 256
  /// From now to the end of a purchase that is renewed.
  static let maxRenewedDays: Int64 = 3660

  /// What is left to a live call, beyond the gateway's time, before the reconciler asks.
  static let paymentGraceSeconds: Int64 = 10
  /// Between two looks for a payment that was not found: one is not enough to give it up.
  static let paymentRecheckSeconds: Int64 = 30
  /// Between two looks that callers cause.
  static let minPaymentCheckSeconds: Int64 = 1
  /// After each look at the gateway; the last one again and again.
  static let paymentCheckSeconds: [Int64] = [5, 30, 300, 3600]
  /// After the beginning of a payment that was given up: when it is looked for once more.
  static let latePaymentLookSeconds: [Int64] = [3600, 86_400]
  /// When it is looked for no more, although its gateway could not be asked.
  static let maxLateLookSeconds: Int64 = 7 * Instant.secondsPerDay
  /// Unresolved payments that are counted for the metrics.
  static let maxCountedPayments = 1000
  /// Payments that one round of the reconciler takes, and how many of them at a time.
  static let maxReconciledPayments = 64
  static let maxPaymentChecks = 4
  /// How often what was paid is written again that an overloaded store did not take.
  static let maxSettlementAttempts = 4
  static let settlementPauseMilliseconds: Int64 = 50
  /// Until the sandbox finds a charge that is late.
  static let sandboxDelaySeconds: Int64 = 5

  // MARK: Other servers

  /// Charges that are under way at Stripe at a time, each on a thread: at a second for a request
  /// they are two thirds of the 100 writes a second that it takes (docs.stripe.com/rate-limits).
  static let maxCharges = 64
  /// The same of lookups and refunds, so that neither they nor charges wait for the others. Of
  /// searches Stripe takes 20 a second.
  static let maxLookups = 16

  static let maxStripeKeyBytes = 255
  static let maxStripeIDBytes = 255
  static let maxDeclineCodeBytes = 64
  static let maxStripeAnswerBytes = 4 * 1024 * 1024
  /// The most that Stripe gives.
  static let stripePageElements = 100
  /// What a lookup reads of a list.
  static let maxStripePages = 10
  /// By so much Stripe's clock and ours may differ.
  static let stripeClockSkewSeconds: Int64 = 86_400
  /// How long after its time a request may still arrive that was given up here.
  static let stripeArrivalSeconds: Int64 = 900
  /// Until search has whatever came of an intent: it follows within an hour even when Stripe has
  /// trouble, and the request may have arrived late.
  static let stripeSearchSeconds: Int64 = 7200

  // MARK: Mail

  /// Of a mail's header lines and of its encoded body (RFC 5322 section 2.1.1, RFC 2045 section
  /// 6.7).
  static let maxMailLineBytes = 76
  /// Before encoding: 75 with what stands around it (RFC 2047 section 2).
  static let maxEncodedWordBytes = 45
  /// Mails that one round takes from the store at a time, and how many of them are sent at once.
  static let outboxBatchMails = 32
  static let maxMailsAtOnce = 4
  static let maxMailErrorCharacters = 200
  /// Without what is put around it.
  static let maxMailFileNameBytes = 200
  /// After each failure; the last one again and again.
  static let mailRetrySeconds: [Int64] = [60, 300, 1800, 7200, 21_600, 86_400]
  /// A mail that was tried so often is given up: after about a week.
  static let maxMailAttempts: Int32 = 12
  /// Mails that were sent and are still in the store, which takes no writes.
  static let maxUnsettledMails = 1024
  /// Between two looks for mails that are due.
  static let outboxPollSeconds: Int64 = 1
  /// After the store failed.
  static let outboxPauseSeconds: Int64 = 15
  static let maxMailPasswordBytes = 1024
  static let mailConnectMilliseconds = 10_000
}
