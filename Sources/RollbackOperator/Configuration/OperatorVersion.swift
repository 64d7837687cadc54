/// The operator's version; the same as the chart's and the image's.
public enum OperatorVersion {
  public static let current = "0.1.0"
}
