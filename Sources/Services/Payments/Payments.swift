internal import Logging
internal import Storage

/// Sees every charge through to its end: a durable intent, the charge, and one transaction for all
/// that was paid for.
final class Payments: Sendable {
  let store: any Store
  let gateway: any PaymentGateway
  let settings: SellerSettings
  let ids: ULIDSource
  let now: Now
  let logger: Logger

  init(
    store: any Store, gateway: any PaymentGateway, settings: SellerSettings, ids: ULIDSource,
    now: @escaping Now, logger: Logger
  ) {
    self.store = store
    self.gateway = gateway
    self.settings = settings
    self.ids = ids
    self.now = now
    self.logger = logger
  }
}
