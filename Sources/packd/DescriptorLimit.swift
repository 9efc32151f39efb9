internal import Glibc

/// Allows the process as many file descriptors as it may ask for: each connection takes one, and
/// the limit that a shell or a service manager sets at first is low, for programs that use
/// select(2).
func raiseDescriptorLimit() {
  let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  var limit = rlimit()
  guard getrlimit(descriptors, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
  limit.rlim_cur = limit.rlim_max
  setrlimit(descriptors, &limit)
}
