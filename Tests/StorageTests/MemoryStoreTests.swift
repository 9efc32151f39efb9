import Storage
import StorageContract
import Testing

struct MemoryStoreTests {
  @Test("The store in memory keeps the contract", arguments: ContractCase.all)
  func keepsTheContract(_ contract: ContractCase) async throws {
    let store = MemoryStore()
    try await contract.run(store)
    await store.close()
  }

  @Test("Bodies that run twice keep the contract", arguments: ContractCase.all)
  func keepsTheContractRerunning(_ contract: ContractCase) async throws {
    let store = RerunningStore(MemoryStore())
    try await contract.run(store)
    await store.close()
  }

  @Test("The store in memory answers every cached read")
  func cachedPlanAlwaysAnswers() async throws {
    let store = MemoryStore()
    try await store.write { try $0.insert(Sample.plan(1)) }
    #expect(store.cachedPlan(.id(1))?.record == Sample.plan(1))
    #expect(store.cachedPlan(.code("plan-1"))?.record == Sample.plan(1))
  }
}
