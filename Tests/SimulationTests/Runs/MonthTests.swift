import Testing

@testable import Simulation

@Suite("Days of many deploys", .timeLimit(.minutes(10)))
struct MonthTests {
  @Test("Every bad deploy of a day is undone, and in the end nothing is under way")
  func day() throws {
    var month = Month(seed: 1, definitions: try World.definitions())
    month.days = 1
    month.deploysPerDay = 20
    month.workloads = 4
    month.badShare = 0.3
    let days = month.run()
    let day = try #require(days.first)
    #expect(days.count == 1)
    #expect(day.violations == [])
    #expect(day.deploys == 20)
    #expect(day.bad > 0)
    #expect(day.outcomes == ["Recovered": day.bad])
    // The four kinds that are always watched; no pods.
    #expect(day.watches == 4)
  }

  @Test("What grows by more than the tolerance is named")
  func growth() {
    func day(_ number: Int, heap: Int, stores: Double) -> Month.Day {
      var day = Month.Day(number: number)
      day.memory = MemoryUse(heap: heap, resident: 1_000)
      day.gauges = ["stores": stores]
      return day
    }
    let flat = [day(1, heap: 50, stores: 9), day(2, heap: 100, stores: 10), day(3, heap: 109, stores: 10)]
    #expect(Month.growth(of: flat) == [])
    let grown = [day(1, heap: 50, stores: 9), day(2, heap: 100, stores: 10), day(3, heap: 116, stores: 12)]
    #expect(Month.growth(of: grown) == ["heap: 100.0, now 116.0", "stores: 10.0, now 12.0"])
  }
}
