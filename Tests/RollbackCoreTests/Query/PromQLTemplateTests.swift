import RollbackCore
import Testing

@Suite("Placeholders in PromQL")
struct PromQLTemplateTests {
  static let values = PromQLValues(
    namespace: "shop", target: "web.v1", revision: 12, hash: "5d8f", goodRevision: 11, goodHash: "7c9b",
    interval: .seconds(15))

  static let rendered: [(text: String, query: String)] = [
    ("up", "up"),
    (#"up{ns="{{namespace}}"}"#, #"up{ns="shop"}"#),
    ("up{ns=\"{{ namespace }}\",d='{{\ttarget }}'}", #"up{ns="shop",d='web.v1'}"#),
    (#"up{pod=~"{{target}}-{{hash}}-.*"}"#, #"up{pod=~"web\\.v1-5d8f-.*"}"#),
    ("up{pod!~`{{target}}-.*`}", #"up{pod!~`web\.v1-.*`}"#),
    (#"up{pod =~ "{{target}}"}"#, #"up{pod =~ "web\\.v1"}"#),
    ("up{pod=~ # why\n \"{{target}}\"}", "up{pod=~ # why\n \"web\\\\.v1\"}"),
    (#"up{a=~"x",b="{{target}}"}"#, #"up{a=~"x",b="web.v1"}"#),
    (#"up{pod=~"{{target}}+"}"#, #"up{pod=~"(?:web\\.v1)+"}"#),
    (#"up{pod=~"{{target}}\x2a"}"#, #"up{pod=~"(?:web\\.v1)\x2a"}"#),
    (#"up{pod=~"({{target}}|[^]a]b|\\d{2}{{hash}})"}"#, #"up{pod=~"(web\\.v1|[^]a]b|\\d{2}5d8f)"}"#),
    (#"up{pod=~"(?i:{{target}})[[:alpha:]]{{hash}}"}"#, #"up{pod=~"(?i:web\\.v1)[[:alpha:]]5d8f"}"#),
    (#"rate(up[{{interval}}])"#, "rate(up[15s])"),
    ("max_over_time(up[30m:{{interval}}])", "max_over_time(up[30m:15s])"),
    ("max_over_time(up[{{interval}}:5s])", "max_over_time(up[15s:5s])"),
    ("up offset {{interval}}", "up offset 15s"),
    ("generation == {{revision}}", "generation == 12"),
    ("generation{a=\"{{revision}}\"}-{{goodRevision}}", "generation{a=\"12\"}-11"),
    (#"up{hash!="{{goodHash}}",r="{{goodRevision}}",i="{{interval}}"}"#, #"up{hash!="7c9b",r="11",i="15s"}"#),
    (
      #"label_replace(up, "a", "$1-{{target}}", "b", "{{target}}(.*)")"#,
      #"label_replace(up, "a", "$1-web.v1", "b", "web\\.v1(.*)")"#
    ),
    (
      #"label_replace ((up), "a", ("{{hash}}"), "b", (("{{target}}")))"#,
      #"label_replace ((up), "a", ("5d8f"), "b", (("web\\.v1")))"#
    ),
    ("up{a=\"\\x7b\\x7b\"}", "up{a=\"\\x7b\\x7b\"}"),
    ("up # \"it's `odd\n", "up # \"it's `odd\n"),
    (#"sum by (a) (rate(up{b=~"5.."}[5m])) # {x}"#, #"sum by (a) (rate(up{b=~"5.."}[5m])) # {x}"#),
  ]

  @Test("A query is rendered", arguments: rendered)
  func renders(text: String, query: String) throws {
    #expect(try PromQLTemplate(text).render(Self.values) == query)
  }

  static let refused: [(text: String, code: PromQLTemplateError.Code, part: String)] = [
    ("", .malformed, "empty"), (" \n", .malformed, "empty"),
    ("up{a=\"{{pod}}\"}", .unknownPlaceholder, "{{pod}} at character 7 is no placeholder; the known ones are {{names"),
    ("up{a=\"{{Target}}\"}", .unknownPlaceholder, "{{Target}}"),
    ("up{a=\"{{ }}\"}", .unknownPlaceholder, "{{}}"),
    ("up{a=\"a{{{revision}}}\"}", .unknownPlaceholder, "character 8"),
    ("up{a=\"{{target}\"}", .malformed, "does not end"),
    ("up{a=\"{{target\n}}\"}", .malformed, "does not end"),
    ("up{a={{target}}}", .misplacedPlaceholder, "{{target}} at character 6 stands outside of quotes; write"),
    ("{{namespace}}_total", .misplacedPlaceholder, "outside of quotes"),
    ("up{a={{revision}}}", .misplacedPlaceholder, "outside of quotes"),
    ("up{\n{{interval}}=\"a\"}", .misplacedPlaceholder, "outside of quotes"),
    ("up_{{revision}}", .misplacedPlaceholder, "longer word"),
    ("up:{{revision}}", .misplacedPlaceholder, "longer word"),
    ("1.{{revision}}", .misplacedPlaceholder, "longer word"),
    ("1 + {{revision}}e5", .misplacedPlaceholder, "longer word"),
    ("{{revision}}{{revision}}", .misplacedPlaceholder, "longer word"),
    ("rate(up[5{{interval}}])", .misplacedPlaceholder, "longer word"),
    ("rate(up[{{revision}}])", .misplacedPlaceholder, "where a duration does"),
    ("up # {{target}}", .misplacedPlaceholder, "comment"),
    ("up # {{pod}}", .unknownPlaceholder, "{{pod}}"),
    (#"up{a=~"[{{target}}]"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"[^]{{target}}]"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"[[:alpha:]{{target}}]"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"\\{{target}}"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"\x5c{{target}}"}"#, .misplacedPlaceholder, "regular expression"),
    ("up{a=~`\\{{target}}`}", .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"\\1{{revision}}"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"\\x4{{revision}}"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"\\p{{hash}}"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"\\Qa{{target}}\\E"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"a{2,{{revision}}}"}"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a=~"(?{{target}})"}"#, .misplacedPlaceholder, "regular expression"),
    (#"label_replace(up, "a", "b", "c", "[{{target}}]")"#, .misplacedPlaceholder, "regular expression"),
    (#"up{a="\{{target}}"}"#, .malformed, #"the escape at character 7 is none that PromQL knows; write \\"#),
    (#"up{a="\x4{{target}}"}"#, .malformed, "escape"),
    (#"up{a="\u00{{revision}}"}"#, .malformed, "escape"),
    (#"up{a="\1{{revision}}"}"#, .malformed, "escape"),
    (#"up{a="\'"}"#, .malformed, "escape"), (#"up{a="\"#, .malformed, "escape"),
    ("up{a=\"b", .malformed, "the string at character 6 does not end"),
    ("up{a=\"b\n\"}", .malformed, "does not end"), ("up{a=`b", .malformed, "does not end"),
    (String(repeating: "a", count: 16_385), .tooLong, "16384 bytes"),
  ]

  @Test("A query that a value could change is refused with a sentence", arguments: refused)
  func refuses(text: String, code: PromQLTemplateError.Code, part: String) {
    let error = #expect(throws: PromQLTemplateError.self) { try PromQLTemplate(text) }
    #expect(error?.code == code)
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }

  @Test("A value that is missing or cannot be written is refused")
  func unsuitable() throws {
    func failure(_ text: String, _ values: PromQLValues) throws -> PromQLTemplateError? {
      let template = try PromQLTemplate(text)
      return #expect(throws: PromQLTemplateError.self) { try template.render(values) }
    }
    let good = try failure(#"up{h="{{goodHash}}"}"#, PromQLValues())
    #expect(good?.code == .missingValue(.goodHash))
    #expect(good?.description == "{{goodHash}} has no value: there is no good revision of this target yet")
    #expect(try failure("{{goodRevision}}", PromQLValues())?.code == .missingValue(.goodRevision))
    #expect(try failure(#"up{h="{{hash}}"}"#, PromQLValues())?.code == .missingValue(.hash))
    #expect(try failure(#"up{h="{{hash}}"}"#, PromQLValues(hash: ""))?.code == .unsuitableValue(.hash))
    let long = PromQLValues(hash: String(repeating: "a", count: 1_025))
    #expect(try failure(#"up{h="{{hash}}"}"#, long)?.code == .unsuitableValue(.hash))
    #expect(try failure("up{h=`{{hash}}`}", PromQLValues(hash: "a`b"))?.code == .unsuitableValue(.hash))
    #expect(try failure("{{revision}}", PromQLValues(revision: -1))?.code == .unsuitableValue(.revision))
    let never = PromQLValues(interval: .seconds(0))
    #expect(try failure("rate(up[{{interval}}])", never)?.code == .unsuitableValue(.interval))
  }

  @Test("The placeholders that occur are known beforehand, and durations are written as PromQL writes them")
  func placeholders() throws {
    #expect(try PromQLTemplate(#"a{b="{{hash}}{{hash}}"} > {{revision}}"#).placeholders == [.hash, .revision])
    #expect(try PromQLTemplate("up").placeholders.isEmpty)
    let template = try PromQLTemplate("rate(up[{{interval}}])")
    let lengths: [(Int64, String)] = [(1_500, "1s500ms"), (90_000, "1m30s"), (3_600_000, "1h"), (250, "250ms")]
    for (milliseconds, text) in lengths {
      let values = PromQLValues(interval: PolicyDuration(milliseconds: milliseconds))
      #expect(try template.render(values) == "rate(up[\(text)])")
    }
  }
}
