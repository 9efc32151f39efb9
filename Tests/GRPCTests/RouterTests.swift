@testable internal import GRPC
internal import Testing

@Suite struct RouterTests {
  private let paths = (0..<50).map { "/packd.v1.Service\($0 % 3)/Method\($0)" }

  private func route(_ router: Router, _ path: String) -> Router.Route {
    Array(path.utf8).withUnsafeBytes { router.route($0) }
  }

  private func router() -> Router {
    Router(methods: paths.map { Method.unary($0) { _, _ in } }) { _, _ in [] }
  }

  @Test("every method is found by its path")
  func found() {
    let router = router()
    for path in paths {
      guard case .method(let method) = route(router, path) else {
        Issue.record("\(path) is not found")
        continue
      }
      #expect(method.path == Array(path.utf8))
    }
  }

  @Test(
    "what is unknown is named",
    arguments: [
      ("/packd.v1.Service1/Nope", "unknown method Nope for service packd.v1.Service1"),
      ("/packd.v1.Nope/Method1", "unknown service packd.v1.Nope"),
      ("/packd.v1.Service1/Method1x", "unknown method Method1x for service packd.v1.Service1"),
      (
        "packd.v1.Service1/Method1",
        "malformed method path \"packd.v1.Service1/Method1\": expected /service/method"
      ),
      ("", "malformed method path \"\": expected /service/method"),
      ("/", "malformed method path \"/\": expected /service/method"),
    ])
  func unknown(_ path: String, _ message: String) {
    guard case .unknown(let reason) = route(router(), path) else {
      Issue.record("\(path) is found")
      return
    }
    #expect(reason == message)
  }

  @Test("a router without methods knows none")
  func empty() {
    let router = Router(methods: []) { _, _ in [] }
    guard case .unknown = route(router, "/a/b") else {
      Issue.record("found")
      return
    }
  }
}
