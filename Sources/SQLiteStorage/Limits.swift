extension SQLiteStore {
  /// Every bound of this room, with its unit last.
  package struct Limits: Sendable {
    /// Writes that wait for the writer; one more is ``StorageError/overloaded``.
    package var maxQueuedWrites = 4096
    /// Writes that share one commit.
    package var maxGroupedWrites = 256
    /// After a body threw that had changed something, this many commits give each body a
    /// savepoint from the start, so that bodies seldom run twice.
    package var cautiousGroups = 64
    /// Reads that wait for a reader; one more is ``StorageError/overloaded``.
    package var maxQueuedReads = 4096
    /// Reads that share one snapshot.
    package var maxGroupedReads = 16
    /// Threads that read, each with its own connection.
    package var readerThreads = 2

    /// Plans in each copy of the cache.
    package var maxCachedPlans = 4096
    /// What the plans in each copy of the cache take with their encodings, roughly.
    package var maxCachedPlanBytes = 8 << 20
    /// Packages in each copy of the cache.
    package var maxCachedPackages = 16_384
    /// What the packages in each copy of the cache take with what is kept of them, roughly.
    package var maxCachedPackageBytes = 32 << 20
    /// Entitlements in each copy of the cache.
    package var maxCachedEntitlements = 16_384
    /// What the entitlements in each copy of the cache take with what is kept of them, roughly.
    package var maxCachedEntitlementBytes = 32 << 20
    /// Copies of the caches: one for each core, up to this.
    package var maxCacheCopies = 16

    /// The file grows to this; beyond it writes are ``StorageError/full``.
    package var maxDatabaseBytes: Int64 = 64 << 30
    /// A file up to this size is verified as a whole when the store is opened.
    package var maxVerifiedFileBytes: Int64 = 64 << 20
    /// What each connection keeps of the file in memory.
    package var pageCacheKiB = 8192

    /// The writer carries its log into the file when it is this long, however busy it is. Long
    /// enough to keep such a stall out of the 99th percentile of writes.
    package var maxLogPages = 16_384
    /// The same when nothing has been written for `idleMilliseconds`.
    package var maxIdleLogPages = 1024
    package var idleMilliseconds = 1000
    /// A log file that grew beyond this is cut off again.
    package var maxKeptLogBytes = 64 << 20
    /// How long a checkpoint that is to cut the log off waits for readers. Writes wait with it.
    package var checkpointWaitMilliseconds = 50
    /// After a reader outlasted that, the log grows for this long before the next such try.
    package var checkpointRetryMilliseconds = 5000

    /// How long a write waits for another process that has locked the file, such as a backup.
    package var busyMilliseconds = 2000
    /// After a failure a thread that has nothing to do tries its database again this often.
    package var retryMilliseconds = 1000

    package init() {}
  }
}
