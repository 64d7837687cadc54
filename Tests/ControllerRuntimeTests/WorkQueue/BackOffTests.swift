import ControllerRuntime
import Testing

@Suite("Back-off")
struct BackOffTests {
  @Test(
    "Doubles from 5 ms to 60 s and stays there",
    arguments: [
      (1, Duration.milliseconds(5)), (2, .milliseconds(10)), (3, .milliseconds(20)), (8, .milliseconds(640)),
      (14, .milliseconds(40_960)), (15, .seconds(60)), (16, .seconds(60)), (1_000_000, .seconds(60)),
    ])
  func doubles(failures: Int, delay: Duration) {
    #expect(BackOff().delay(failures: failures, jitter: 0) == delay)
  }

  @Test(
    "Jitter takes off at most half and never goes below the first wait",
    arguments: [
      (10, 0.5, Duration.milliseconds(1_280)), (10, 0.9, .milliseconds(1_280)), (1, 0.5, .milliseconds(5)),
      (10, -1, .milliseconds(2_560)), (10, Double.nan, .milliseconds(2_560)), (20, 0.25, .seconds(45)),
    ])
  func jitter(failures: Int, jitter: Double, delay: Duration) {
    #expect(BackOff().delay(failures: failures, jitter: jitter) == delay)
  }

  @Test("A count below one is the first failure")
  func countBelowOne() {
    #expect(BackOff().delay(failures: 0, jitter: 0) == .milliseconds(5))
    #expect(BackOff().delay(failures: Int.min + 1, jitter: 0) == .milliseconds(5))
  }
}
