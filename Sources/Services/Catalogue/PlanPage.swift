internal import API
internal import Storage

/// What a list request asks for, checked.
struct PlanPage: Sendable {
  private let query: PlanQuery
  private let tokenQuery: PageToken.Query

  /// - Parameter method: the method's path, part of what a page token is bound to.
  init(
    _ method: String, size: Int32, token: String, kind: PlanKind, activeOnly: Bool,
    orderBy: String
  ) throws {
    var violations = Violations()
    var order = PlanQuery.Order.id
    switch orderBy {
    case "", "id": break
    case "name": order = .name
    case "price": order = .price
    default: violations.add("order_by", "must be \"id\", \"name\" or \"price\"")
    }
    let kindRecord = PlanRecord.Kind(rawValue: kind.rawValue)
    if kindRecord == nil && kind != .unspecified {
      violations.add("kind", "must be one of the kinds, or unspecified")
    }
    let limit = violations.checkPageSize(size)
    tokenQuery = PageToken.Query(
      method, String(kind.rawValue), String(activeOnly), String(order.rawValue))
    let after = PageToken.decode(
      token, of: tokenQuery, as: { $0.planCursor(in: order) }, &violations)
    try violations.check()
    query = PlanQuery(
      kind: kindRecord, activeOnly: activeOnly, order: order, after: after, limit: limit)
  }

  /// The page's plans, and the token of the next page, empty when there is none.
  func read(from store: any Store) async throws -> (plans: [Plan], nextPageToken: String) {
    let (plans, last) = try await store.read { transaction in
      try Plan.page(limit: query.limit) { last, limit in
        var query = query
        query.limit = limit
        if let last { query.after = cursor(at: last) }
        return try transaction.plans(query)
      }
    }
    return (plans, last.map { PageToken.encode(.plan(cursor(at: $0)), of: tokenQuery) } ?? "")
  }

  private func cursor(at plan: PlanRecord) -> PlanQuery.Cursor {
    switch query.order {
    case .id: .id(plan.id)
    case .name: .name(plan.name, id: plan.id)
    case .price: .price(plan.price, id: plan.id)
    }
  }
}

extension PlanQuery.Cursor {
  var order: PlanQuery.Order {
    switch self {
    case .id: .id
    case .name: .name
    case .price: .price
    }
  }
}

extension Plan {
  /// Up to `limit` plans, and the last of them, when there are more.
  ///
  /// - Parameter fetch: see ``Page/init(limit:scanning:_:element:)``.
  static func page(
    limit: Int, _ fetch: (_ last: PlanRecord?, _ limit: Int) throws -> [PlanRecord]
  ) rethrows -> (plans: [Plan], last: PlanRecord?) {
    let page = try Page(limit: limit, fetch) { Plan($0) }
    return (page.elements, page.last)
  }
}

extension Violations {
  /// How many elements a page has: 0 means the default, and too many the maximum.
  mutating func checkPageSize(_ size: Int32) -> Int {
    if size < 0 { add("page_size", "must not be negative") }
    return size == 0 ? Limits.defaultPageElements : min(Int(size), Limits.maxPageElements)
  }
}
