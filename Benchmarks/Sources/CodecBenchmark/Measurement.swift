import CPlan

/// One way to do a thing: its name and a body that does it once.
struct Contestant {
  let name: String
  let body: () -> Void
}

/// What a contestant took.
struct Measurement {
  let name: String
  /// Least nanoseconds per run over all rounds: what disturbs a round only ever adds.
  let nanoseconds: Double
  let allocations: Double
}

/// Measures the contestants in turn, round by round, so that a change in the machine's mood meets
/// all of them.
func measure(
  _ contestants: [Contestant], rounds: Int = 15, runs: Int = 20_000
) -> [Measurement] {
  var least = contestants.map { _ in Double.infinity }
  var allocated = contestants.map { _ in 0.0 }
  for _ in 0..<rounds {
    for (index, contestant) in contestants.enumerated() {
      let before = allocations()
      let elapsed = ContinuousClock().measure {
        for _ in 0..<runs { contestant.body() }
      }
      let nanoseconds = Double(elapsed.components.attoseconds) / 1e9 / Double(runs)
      least[index] = min(least[index], nanoseconds)
      allocated[index] = (Double(allocations() - before) / Double(runs)).rounded()
    }
  }
  return contestants.indices.map {
    Measurement(
      name: contestants[$0].name, nanoseconds: least[$0], allocations: allocated[$0])
  }
}

/// A Markdown table; the ratios are to the first.
func table(_ title: String, _ measurements: [Measurement]) -> String {
  var lines = ["| \(title) | ns | of ours | allocations |", "|---|---:|---:|---:|"]
  let ours = measurements.first?.nanoseconds ?? 1
  for each in measurements {
    let ratio = (each.nanoseconds / ours * 100).rounded() / 100
    lines.append(
      "| \(each.name) | \(Int(each.nanoseconds.rounded())) | \(ratio)x | \(Int(each.allocations)) |"
    )
  }
  return lines.joined(separator: "\n")
}
