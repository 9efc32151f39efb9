internal import Glibc
internal import SQLiteStorage
internal import Storage

// Measures the store in SQLite against itself: group commit against one commit per call, a
// cached read against one that asks the database. Takes a folder on the disk to be measured;
// without one it makes a folder in the current one. With `--fill FILE COUNT` it only makes a file
// with so many packages, for benchmarks of the daemon. With `--sellers FILE` it measures only what
// sellers cost, in a new file.

let arguments = CommandLine.arguments.dropFirst()
if arguments.count == 3, arguments.first == "--fill",
  let count = arguments.last.flatMap({ Int($0) })
{
  let store = try SQLiteStore.open(path: arguments[2])
  try await fill(store, packages: count)
  await store.close()
  exit(0)
}

if arguments.count == 2, arguments.first == "--sellers", let path = arguments.last {
  let store = try SQLiteStore.open(path: path)
  try await measureSellers(store)
  await store.close()
  exit(0)
}

let folder = arguments.first ?? "storage-benchmark-\(getpid())"
let path = folder + "/packd.db"
let suffixes = ["", "-wal", "-shm", ".lock"]
for suffix in suffixes { unlink(path + suffix) }

let small = try SQLiteStore.open(path: path)
try await fill(small, plans: 10_000)
await small.close()
try await measureOpening("open with 10,000 plans", path)
unlink(path + ".lock")
try await measureOpening("the same, verified as a whole", path)

let store = try SQLiteStore.open(path: path)
let single = try await insertOneByOne(store, count: 2000)
let grouped = try await insertAtOnce(store, callers: 64, count: 60_000)
single.report("insert, one commit per call")
grouped.report("insert, 64 callers")
print(
  """
    group commit: \(fixed(grouped.perSecond / single.perSecond, 1)) times the rate, \
  p99 of \(fixed(grouped.percentile(99) / single.percentile(50), 1)) single commits, \
  \(fixed(Double(grouped.nanoseconds.count) / Double(grouped.commits), 1)) writes per commit
  """)
try await measureCachedRead(store)
try await measureRead(store)
try await measurePages(store)
try await fill(store, packages: 100_000)
try await measurePackagePages(store, count: 100_000)
try await measurePackageReads(store)
try await measureIngest(store, events: 1_000_000, path: path)
await store.close()

for suffix in suffixes { unlink(path + suffix) }
rmdir(folder)
