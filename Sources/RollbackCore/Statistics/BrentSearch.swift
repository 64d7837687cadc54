/// Brent's search for the root of a function that falls from one end to the other.
///
/// R. P. Brent: Algorithms for Minimization Without Derivatives (1973), in the form that R's `uniroot` uses, step for
/// step: at a jump, where there is no root, it decides on which side the search ends.
enum BrentSearch {
  /// The root; an end if the function has the wrong sign there, as `wilcox.test` has it.
  static func root(from low: Double, to high: Double, tolerance: Double, _ function: (Double) -> Double) -> Double {
    let (first, last) = (function(low), function(high))
    if !(first > 0) { return low }
    if !(last < 0) { return high }
    var state = State(a: low, b: high, c: low, fa: first, fb: last, fc: first)
    for _ in 0..<1_001 {
      if state.fc.magnitude < state.fb.magnitude { state.turn() }
      let enough = 2 * Double.ulpOfOne * state.b.magnitude + tolerance / 2
      let half = (state.c - state.b) / 2
      if half.magnitude <= enough || state.fb == 0 { break }
      var step = state.interpolated(enough) ?? half
      if step.magnitude < enough { step = step > 0 ? enough : -enough }
      state.a = state.b
      state.fa = state.fb
      state.b += step
      state.fb = function(state.b)
      if state.fb > 0 && state.fc > 0 || state.fb < 0 && state.fc < 0 {
        state.c = state.a
        state.fc = state.fa
      }
    }
    return state.b
  }

  /// `b` is the best place so far, `a` the one before it, `c` one on the other side of the root.
  private struct State {
    var a: Double
    var b: Double
    var c: Double
    var fa: Double
    var fb: Double
    var fc: Double

    mutating func turn() {
      (a, b, c) = (b, c, b)
      (fa, fb, fc) = (fb, fc, fb)
    }

    /// A step by a line or a parabola through the known places; `nil` where halving is better.
    func interpolated(_ enough: Double) -> Double? {
      let previous = b - a
      guard previous.magnitude >= enough, fa.magnitude > fb.magnitude else { return nil }
      let whole = c - b
      var p: Double
      var q: Double
      if a == c {
        let ratio = fb / fa
        p = whole * ratio
        q = 1 - ratio
      } else {
        let (r, s, t) = (fa / fc, fb / fc, fb / fa)
        p = t * (whole * r * (r - s) - previous * (s - 1))
        q = (r - 1) * (s - 1) * (t - 1)
      }
      if p > 0 { q = -q } else { p = -p }
      guard p < 0.75 * whole * q - (enough * q).magnitude / 2, p < (previous * q / 2).magnitude else { return nil }
      return p / q
    }
  }
}
