import FuzzTargets

// Without libFuzzer: `fuzz NAME FILE…` runs one reader over files, for example over what libFuzzer has found.
// Built for it (`make fuzz`): `fuzz NAME [libFuzzer's flags] [corpus folders]`.
let arguments = CommandLine.arguments.dropFirst()
guard let name = arguments.first, let target = FuzzTarget.named(name) else {
  let names = FuzzTarget.all.map(\.name)
  print(names.joined(separator: "\n"))
  Exit.now(arguments.first == "--list" ? 0 : 64)
}
#if LIBFUZZER
  Exit.now(LibFuzzer.run(target, named: name))
#else
  Exit.now(Replay.run(target, files: Array(arguments.dropFirst())))
#endif
