/// How a command that did its work ends.
enum Outcome: Int32 {
  /// All was read, and all of it is counted.
  case complete = 0
  /// Sent, but something could not be read.
  case partlyRead = 1
  /// The daemon did not count something: too old, in conflict, or rejected.
  case partlyCounted = 3
}
