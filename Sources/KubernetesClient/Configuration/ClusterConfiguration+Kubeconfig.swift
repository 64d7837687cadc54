extension ClusterConfiguration {
  /// Reads kubeconfig files as kubectl does.
  ///
  /// - Parameters:
  ///   - explicitPath: the value of `--kubeconfig`; this one file must exist. `nil`: the files of `$KUBECONFIG`,
  ///     merged (the first to set a value wins, missing files are skipped), or else `~/.kube/config`.
  ///   - context: the context to use; `nil` for `current-context`.
  ///   - environment: the process's environment.
  /// - Throws: ``ConfigurationError`` that names file, field, reason and remedy.
  public static func load(
    explicitPath: String? = nil, context: String? = nil, environment: [String: String]
  ) throws(ConfigurationError) -> ClusterConfiguration {
    let kubeconfig = try KubeconfigFiles(explicitPath: explicitPath, environment: environment).read()
    return try KubeconfigResolver(kubeconfig: kubeconfig).resolve(context: context)
  }
}

/// The kubeconfig files that are to be read.
struct KubeconfigFiles {
  let paths: [String]
  /// Whether `paths` is one file that a person named.
  let isExplicit: Bool

  init(explicitPath: String?, environment: [String: String]) {
    let directory = FilePaths.workingDirectory(environment)
    isExplicit = explicitPath != nil
    if let explicitPath {
      paths = [FilePaths.resolve(explicitPath, against: directory)]
    } else if let list = environment["KUBECONFIG"], !list.isEmpty {
      var seen: Set<String> = []
      paths = list.split(separator: ":").map { FilePaths.resolve(String($0), against: directory) }
        .filter { seen.insert($0).inserted }
    } else if let home = environment["HOME"], !home.isEmpty {
      paths = ["\(home)/.kube/config"]
    } else {
      paths = []
    }
  }

  /// Whether at least one of the files is there.
  var exist: Bool { paths.contains(where: SmallFile.exists) }

  func read() throws(ConfigurationError) -> Kubeconfig {
    var merged: Kubeconfig?
    for path in paths {
      let bytes: [UInt8]
      do {
        bytes = try SmallFile.read(path)
      } catch {
        if error == .missing, !isExplicit { continue }
        throw ConfigurationError(
          file: "kubeconfig \(path)", reason: error.description, remedy: "check the path and its permissions")
      }
      let next = try Kubeconfig(bytes: bytes, path: path)
      if merged == nil { merged = next } else { merged?.merge(next) }
    }
    if let merged { return merged }
    throw ConfigurationError(
      file: "kubeconfig",
      reason: paths.isEmpty ? "no file is configured" : "none of \(paths.joined(separator: ", ")) exists",
      remedy: "give --kubeconfig or set KUBECONFIG")
  }
}
