import RollbackCore
import TestSupport
import Testing

@Suite("What is known of the revisions")
struct RevisionBookTests {
  @Test("What an event has undone is bad, also where the verdict could not be written")
  func undone() {
    let book = RevisionBook([.test(1), .test(2), .test(3)], undoneHashes: ["r2"])
    #expect(book.isBad(.test(2)) && !book.isBad(.test(1)))
    #expect(book.choose(insteadOf: .test(3), PolicySpec.LastGood()).revision?.hash == "r1")
    #expect(!RevisionBook([.test(2, verdict: .good)], undoneHashes: ["r2"]).isProven(.test(2, verdict: .good)))
  }

  @Test("What was forgiven is judged by its verdict alone")
  func forgiven() {
    var forgiven = Revision.test(2)
    forgiven.attempt = 1
    #expect(!RevisionBook([forgiven], undoneHashes: ["r2"]).isBad(forgiven))
    forgiven.verdict = .bad
    #expect(RevisionBook([forgiven]).isBad(forgiven))
  }
}
