/// Every bound of the command line and of its calls; those of what it reads are `MeasuringLimits`.
enum ClientLimits {
  static let maxTokenBytes = 16 * 1024
  static let maxCertificatesBytes = 4 * 1024 * 1024
  static let maxPackageIDBytes = 128
  static let maxEventsInFlight = 256
  static let firstRetryMilliseconds = 200
  static let lastRetryMilliseconds = 5_000
  static let progressIntervalMilliseconds = 200
}
