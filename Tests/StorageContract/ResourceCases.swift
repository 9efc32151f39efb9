internal import Storage
internal import Testing

extension ContractCase {
  static let resources = [
    ContractCase("a resource comes back as it was written", aResourceComesBack),
    ContractCase("a resource is refused for its id, its name and its package", refusedResources),
    ContractCase("resources are listed by id, of one kind or of all", resourcePages),
    ContractCase("resources are counted by package and kind", resourceCounts),
    ContractCase("all of a package's resources go at once, and no other's", allResourcesGo),
    ContractCase("racing attachers that look at the count keep a limit", racingAttachers),
  ]

  private static func aResourceComesBack(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    var written: [PackageResourceRecord] = []
    for (position, kind) in PackageResourceRecord.Kind.allCases.enumerated() {
      for (number, name) in ["", "\0", "e\u{301}", "é", "a@b.example"].enumerated() {
        var resource = Sample.resource(UInt128(position * 10 + number), of: 1, kind, name: name)
        resource.createTime = Sample.at(number == 0 ? .min : .max)
        written.append(resource)
      }
    }
    let all = written
    try await store.write { transaction throws in
      for resource in all { try transaction.insert(resource) }
    }
    try await store.read { transaction throws in
      for resource in all {
        let id = ULID(value: 1)
        #expect(try transaction.packageResource(resource.id, of: id) == resource)
        #expect(
          try transaction.packageResource(resource.kind, named: resource.name, of: id) == resource)
        // Of its own package alone.
        #expect(try transaction.packageResource(resource.id, of: ULID(value: 2)) == nil)
        #expect(
          try transaction.packageResource(resource.kind, named: resource.name, of: ULID(value: 2))
            == nil)
      }
    }
  }

  private static func refusedResources(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    try await store.write { transaction throws in
      try transaction.insert(Sample.resource(5, of: 1, name: "a"))
      #expect(throws: StorageError.packageResourceIDTaken) {
        try transaction.insert(Sample.resource(5, of: 1, name: "a"))
      }
      #expect(throws: StorageError.packageResourceIDTaken) {
        try transaction.insert(Sample.resource(5, of: 2, name: "b"))
      }
      #expect(throws: StorageError.packageResourceNameTaken) {
        try transaction.insert(Sample.resource(6, of: 1, name: "a"))
      }
      #expect(throws: StorageError.hostingPackageMissing) {
        try transaction.insert(Sample.resource(6, of: 9, name: "a"))
      }
      #expect(throws: StorageError.packageResourceMissing) {
        try transaction.deletePackageResource(ULID(value: 5), of: ULID(value: 2))
      }
      #expect(throws: StorageError.packageResourceMissing) {
        try transaction.deletePackageResource(ULID(value: 6), of: ULID(value: 1))
      }
      // The same name in another kind, and in another package.
      try transaction.insert(Sample.resource(6, of: 1, .database, name: "a"))
      try transaction.insert(Sample.resource(7, of: 2, name: "a"))
      try transaction.deletePackageResource(ULID(value: 5), of: ULID(value: 1))
      try transaction.insert(Sample.resource(5, of: 2, name: "b"))
      try transaction.insert(Sample.resource(8, of: 1, name: "a"))
    }
    try await store.read { transaction throws in
      for (package, ids) in [(1, [6, 8]), (2, [5, 7])] as [(UInt128, [UInt128])] {
        let found = try transaction.packageResources(
          of: ULID(value: package), kind: nil, after: nil, limit: 9)
        #expect(found.map(\.id.value) == ids)
      }
    }
  }

  private static func resourcePages(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    let kinds = PackageResourceRecord.Kind.allCases
    let all = (1...60 as ClosedRange<UInt128>).map { number in
      Sample.resource(number * 3, of: 1 + number % 2, kinds[Int(number / 2 % 3)])
    }
    try await store.write { transaction throws in
      for resource in all.reversed() { try transaction.insert(resource) }
    }
    for owner in [1, 2] as [UInt128] {
      for kind in [nil] + kinds.map(Optional.some) {
        let expected = all.filter {
          $0.packageID.value == owner && (kind ?? $0.kind) == $0.kind
        }
        for limit in [1, 7, 100] {
          var found: [PackageResourceRecord] = []
          var after: ULID?
          repeat {
            let start = after
            let page = try await store.read {
              try $0.packageResources(
                of: ULID(value: owner), kind: kind, after: start, limit: limit)
            }
            found += page
            after = page.count == limit ? page.last?.id : nil
          } while after != nil
          #expect(found == expected)
        }
      }
    }
    try await store.read { transaction throws in
      let id = ULID(value: 1)
      for kind in [nil, .mailbox] as [PackageResourceRecord.Kind?] {
        for (after, limit) in [(nil, 0), (nil, -1), (ULID(value: .max), 9)] as [(ULID?, Int)] {
          #expect(
            try transaction.packageResources(of: id, kind: kind, after: after, limit: limit) == [])
        }
        let next = try transaction.packageResources(
          of: id, kind: kind, after: ULID(value: 7), limit: 1)
        #expect(next.first?.id.value ?? 0 > 7)
      }
    }
  }

  private static func resourceCounts(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    try await store.write { transaction throws in
      let id = ULID(value: 1)
      for number in 1...7 as ClosedRange<UInt128> {
        try transaction.insert(Sample.resource(number, of: 1))
        #expect(try transaction.packageResourceCount(of: id, kind: .mailbox) == Int(number))
      }
      try transaction.insert(Sample.resource(8, of: 1, .backup))
      try transaction.insert(Sample.resource(9, of: 2))
      try transaction.deletePackageResource(ULID(value: 3), of: id)
    }
    try await store.read { transaction throws in
      let counts = try PackageResourceRecord.Kind.allCases.map {
        try transaction.packageResourceCount(of: ULID(value: 1), kind: $0)
      }
      #expect(counts == [6, 0, 0, 1, 0])
      #expect(try transaction.packageResourceCount(of: ULID(value: 2), kind: .mailbox) == 1)
      #expect(try transaction.packageResourceCount(of: ULID(value: 3), kind: .mailbox) == 0)
    }
  }

  private static func allResourcesGo(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    let id = ULID(value: 1)
    try await store.write { transaction throws in
      for (number, kind) in PackageResourceRecord.Kind.allCases.enumerated() {
        try transaction.insert(Sample.resource(UInt128(number * 2), of: 1, kind))
        try transaction.insert(Sample.resource(UInt128(number * 2 + 1), of: 2, kind))
      }
    }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        #expect(try transaction.deletePackageResources(of: id) == 5)
        throw BodyFailure()
      }
    }
    try await store.write { transaction throws in
      #expect(throws: StorageError.hostingPackageMissing) {
        try transaction.deletePackageResources(of: ULID(value: 9))
      }
      #expect(try transaction.packageResourceCount(of: id, kind: .backup) == 1)
      #expect(try transaction.deletePackageResources(of: id) == 5)
      #expect(try transaction.deletePackageResources(of: id) == 0)
      // Ids and names are free, and counting begins anew.
      try transaction.insert(Sample.resource(2, of: 1, .database))
    }
    try await store.read { transaction throws in
      for (package, counts) in [(1, [0, 1, 0, 0, 0]), (2, [1, 1, 1, 1, 1])]
        as [(UInt128, [Int])]
      {
        let found = try PackageResourceRecord.Kind.allCases.map {
          try transaction.packageResourceCount(of: ULID(value: package), kind: $0)
        }
        #expect(found == counts)
        let left = try transaction.packageResources(
          of: ULID(value: package), kind: nil, after: nil, limit: 99)
        #expect(left.count == counts.reduce(0, +))
      }
    }
  }

  private static func racingAttachers(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1)], into: store)
    let outcomes = await concurrently(64) { number in
      try await store.write { transaction throws in
        let count = try transaction.packageResourceCount(of: ULID(value: 1), kind: .database)
        guard count < 10 else { throw BodyFailure() }
        try transaction.insert(Sample.resource(UInt128(number), of: 1, .database))
      }
    }
    #expect(outcomes.count { $0 == nil } == 10)
    #expect(outcomes.count { $0 is BodyFailure } == 54)
  }
}
