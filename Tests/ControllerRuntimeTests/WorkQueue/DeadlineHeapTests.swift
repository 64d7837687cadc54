import Testing

@testable import ControllerRuntime

@Suite("Deadline heap")
struct DeadlineHeapTests {
  @Test("Gives the earliest deadline first, equal ones in the order they came", arguments: 0..<20)
  func sorts(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var heap = DeadlineHeap<Int>()
    var model: [DeadlineHeap<Int>.Item] = []
    for ticket in 0..<500 as Range<UInt64> {
      let item = DeadlineHeap.Item(
        deadline: .seconds(Int.random(in: 0..<50, using: &generator)), ticket: ticket, key: Int(ticket))
      heap.push(item) { _ in true }
      model.append(item)
      if Int.random(in: 0..<3, using: &generator) == 0 {
        model.sort { $0.precedes($1) }
        #expect(heap.popFirst()?.ticket == model.removeFirst().ticket)
      }
    }
    model.sort { $0.precedes($1) }
    for item in model { #expect(heap.popFirst()?.ticket == item.ticket) }
    #expect(heap.popFirst() == nil)
  }

  @Test("Dead deadlines do not pile up")
  func sweeps() {
    var heap = DeadlineHeap<Int>()
    for ticket in 0..<10_000 as Range<UInt64> {
      heap.push(.init(deadline: .seconds(Int(ticket)), ticket: ticket, key: 0)) { $0.ticket + 10 > ticket }
    }
    #expect(heap.count <= 128)
    #expect((heap.first?.ticket ?? 0) > 9_000)
  }
}
