// The commands of the real program: output and exit codes.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>

#include "server_process.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;

namespace {

struct Run {
  int exit_code = -1;
  std::string out;  ///< stdout; with "2>&1" in the command both.
};

/// A folder with config.yaml and request.json in which commands run.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tollgate-cli-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
    write("config.yaml", test_config(9));
    write("request.json", message_body());
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ + "/" + name) << text;
  }

  Run run(const std::string& arguments) const {
    const std::string command = "cd " + path_ + " && env -i DEV_TOKEN=" + std::string(kToken) +
                                " UPSTREAM_KEY=" + std::string(kUpstreamKey) + " " +
                                TOLLGATE_PROGRAM + " " + arguments;
    Run run;
    FILE* pipe = popen(command.c_str(), "r");
    char piece[4096];
    size_t got = 0;
    while ((got = fread(piece, 1, sizeof piece, pipe)) > 0)
      run.out.append(piece, got);
    run.exit_code = WEXITSTATUS(pclose(pipe));
    return run;
  }

 private:
  std::string path_;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every command has help and refuses wrong use", "[server]") {
  const Folder folder;
  for (const char* command :
       {"", "serve", "check", "explain", "test", "settings", "keys", "usage", "version"}) {
    INFO(command);
    const Run help = folder.run(std::string(command) + " --help");
    CHECK(help.exit_code == 0);
    CHECK(has(help.out, "usage: tollgate"));
    CHECK(folder.run(std::string(command) + " --no-such-option 2>&1").exit_code == 2);
  }
  CHECK(folder.run("2>&1").exit_code == 2);
  CHECK(folder.run("dance 2>&1").exit_code == 2);
  CHECK(folder.run("version").out == "tollgate " + std::string("0.1.0 (ABI 1)\n"));
}

TEST_CASE("usage adds up the records that the configuration names", "[server]") {
  const Folder folder;
  folder.write("records.jsonl",
               R"({"time":"2026-11-22T09:00:00.000Z","operation":"messages","principal":"user:a",)"
               R"("outcome":"ok","usage":{"input_tokens":3,"output_tokens":4},"cost_nano_usd":5})"
               "\n");
  folder.write("usage.yaml", test_config(9, "records: records.jsonl"));
  const Run run = folder.run("usage --config usage.yaml --by user --json 2>&1");
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(has(run.out, R"({"rows":[{"user":"user:a","requests":1,)"));
  CHECK(has(run.out, R"("cost_usd":0.000000005)"));
  CHECK(folder.run("usage --records records.jsonl").out.find("0.000000005") != std::string::npos);
  CHECK(folder.run("usage --config config.yaml 2>&1").exit_code == 1);
  CHECK(folder.run("usage --by cost 2>&1").exit_code == 2);
  folder.write("left.json",
               R"({"matched":[],"rate_limits":[{"name":"pace","mode":"enforce","entities":[)"
               R"({"entity":"{aggregate}","limits":{"requests_per_day":{"limit":5,"used":5,)"
               R"("reserved":0,"end":1795392000,"is_blocked":true}}}]}]})");
  for (const char* command : {"usage --left left.json", "usage --left - < left.json"}) {
    const Run left = folder.run(command);
    CHECK(left.exit_code == 0);
    CHECK(left.out.find("requests_per_day     5         0   5  gone   2026-11-23 00:00Z") !=
          std::string::npos);
  }
  CHECK(folder.run("usage --left usage.yaml 2>&1").exit_code == 1);
  CHECK(folder.run("usage --left nothing.json 2>&1").exit_code == 1);
  CHECK(folder.run("usage --left left.json --by user 2>&1").exit_code == 2);
  CHECK(folder.run("usage --records records.jsonl --from soon 2>&1").exit_code == 2);
  CHECK(folder.run("usage --records gone.jsonl 2>&1").exit_code == 1);
}

TEST_CASE("check prints every diagnostic with its place", "[server]") {
  const Folder folder;
  const Run good = folder.run("check --config config.yaml");
  INFO(good.out);
  CHECK(good.exit_code == 0);
  CHECK(has(good.out, "0 errors"));

  folder.write("bad.yaml",
               "type: tollgate-server\nlisen: 127.0.0.1:1\n---\ntype: user\nname: a\n"
               "tokens: [{env: NOT_SET_ANYWHERE}]\n");
  const Run bad = folder.run("check --config bad.yaml");
  INFO(bad.out);
  CHECK(bad.exit_code == 1);
  CHECK(has(bad.out, "bad.yaml:2:1: "));
  CHECK(has(bad.out, "(did you mean listen?)"));
  CHECK(has(bad.out, "NOT_SET_ANYWHERE"));
  CHECK(folder.run("check --config missing.yaml 2>&1").exit_code == 1);
}

TEST_CASE("keys are new each time and hash to what is printed", "[server]") {
  const Folder folder;
  const Run first = folder.run("keys new --prefix corp");
  REQUIRE(first.exit_code == 0);
  REQUIRE(has(first.out, "token:  corp_"));
  const std::string token = first.out.substr(8, first.out.find('\n') - 8);
  CHECK(token.size() == 5 + 43);
  CHECK(has(first.out, "prefix: \"" + token.substr(0, 5 + 5) + "\"}"));
  folder.write("keyed.yaml",
               "type: user\nname: a\n" + first.out.substr(first.out.find("tokens: [")));
  // The token opens what its hash was stored in.
  const Run explained = folder.run(
      "explain --json --config keyed.yaml --request request.json "
      "--header 'authorization: Bearer " +
      token + "'");
  INFO(explained.out);
  CHECK(has(explained.out, "user:a"));
  CHECK(folder.run("keys new").out != folder.run("keys new").out);
  CHECK(folder.run("keys 2>&1").exit_code == 2);
  CHECK(folder.run("keys new --prefix 'a b' 2>&1").exit_code == 2);
}

TEST_CASE("explain decides without sending", "[server]") {
  const Folder folder;
  const std::string start = "explain --config config.yaml --request request.json ";
  const std::string token = "--header 'authorization: Bearer " + std::string(kToken) + "' ";

  const Run allowed = folder.run(start + token + "--json");
  INFO(allowed.out);
  CHECK(allowed.exit_code == 0);
  CHECK(has(allowed.out, R"("allowed":true)"));
  CHECK(has(allowed.out, R"("denial":null)"));
  CHECK(has(allowed.out, R"("distribution":{"main/claude-test":1})"));
  CHECK(folder.run(start + token + "--json").out == allowed.out);
  CHECK(has(folder.run(start + token + "--json --repeat 50 --seed 7").out,
            R"("distribution":{"main/claude-test":50})"));
  CHECK(has(folder.run(start + token).out, "allowed for user:dev"));
  CHECK(has(folder.run(start + token).out, "may cost up to "));
  CHECK(folder.run("explain --config config.yaml --request - " + token + "< request.json")
            .exit_code == 0);

  folder.write("chat.json",
               R"({"model":"claude-test","messages":[{"role":"system","content":"s"}]})");
  folder.write("responses.json", R"({"model":"claude-test","input":"hi"})");
  for (const char* request : {"chat.json", "responses.json --path /v1/responses"}) {
    INFO(request);
    const Run other = folder.run("explain --config config.yaml " + token + "--request " + request);
    CHECK(other.exit_code == 0);
    CHECK(has(other.out, "goes to main/claude-test: 1"));
  }
  CHECK(folder.run(start + token + "--path /v1/models").exit_code == 1);
  CHECK(folder.run("explain --config none.yaml --request request.json 2>&1").exit_code == 1);
  CHECK(folder.run("explain --config config.yaml --request none.json 2>&1").exit_code == 1);
  CHECK(folder.run("explain --config config.yaml 2>&1").exit_code == 2);

  folder.write("limited.yaml", test_config(9) +
                                   "---\nname: daily\ntype: tenant-budget-config\n"
                                   "limits: {cost_per_day: 10}\napplies_to: {type: per-user}\n");
  const Run limited = folder.run("explain --config limited.yaml --request request.json " + token);
  INFO(limited.out);
  CHECK(has(limited.out, "budget daily of dev, cost_per_day: needs 0."));
  CHECK(has(limited.out, ", 0.0 of 10.0 spent\n"));

  const Run denied = folder.run(start + "--json");
  CHECK(denied.exit_code == 1);
  CHECK(has(denied.out, R"("allowed":false)"));
  CHECK(has(denied.out, "401"));
  for (const char* wrong : {"--at yesterday", "--seed x", "--repeat 0", "--header nocolon"}) {
    INFO(wrong);
    CHECK(folder.run(start + wrong + " 2>&1").exit_code == 2);
  }
}

TEST_CASE("settings come with the configuration's models", "[server]") {
  const Folder folder;
  const Run run =
      folder.run("settings --kind project --config config.yaml --url https://gw.example");
  CHECK(run.exit_code == 0);
  CHECK(has(run.out, R"("ANTHROPIC_BASE_URL": "https://gw.example")"));
  CHECK(has(run.out, R"("claude-test")"));
  CHECK(has(folder.run("settings --kind standard --config config.yaml").out,
            "http://127.0.0.1:8787"));
  folder.write("virtual.yaml",
               test_config(9, "listen: 127.0.0.1:8787") +
                   "---\nname: coding/claude-sonnet\nrouting_config:\n"
                   "  type: priority-based-routing\n"
                   "  load_balance_targets: [{target: main/claude-test, priority: 0}]\n");
  const Run routed = folder.run("settings --kind managed --config virtual.yaml");
  CHECK(routed.exit_code == 0);
  CHECK(has(routed.out, R"("ANTHROPIC_DEFAULT_SONNET_MODEL": "coding/claude-sonnet")"));
  CHECK(has(routed.out, R"("availableModels": [
    "coding/claude-sonnet",
    "claude-test"
  ])"));
  CHECK(folder.run("settings --config config.yaml 2>&1").exit_code == 2);
  CHECK(folder.run("settings --kind odd --config config.yaml 2>&1").exit_code == 2);
  CHECK(folder.run("settings --kind project --config config.yaml --url gw 2>&1").exit_code == 2);
}

namespace {

constexpr std::string_view kRoutedConfig = R"(
type: provider-account/anthropic
name: anthropic-main
auth_data: {type: api-key, api_key: "${NOT_SET_ANYWHERE}"}
integrations: [{name: claude-sonnet-4-5, model_id: claude-sonnet-4-5}]
---
type: provider-account/anthropic
name: spare
auth_data: {type: api-key, api_key: "file:spare.key"}
integrations: [{name: claude-sonnet-4-5, model_id: claude-sonnet-4-5}]
---
{type: user, name: dev-1@corp.example}
---
name: coding
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - {target: anthropic-main/claude-sonnet-4-5, priority: 0, retry_config: {attempts: 0}}
    - {target: spare/claude-sonnet-4-5, priority: 1}
)";

std::string case_file(std::string_view expect) {
  return "config: routed.yaml\ncases:\n"
         "  - name: an overload is not noticed\n"
         "    as: user:dev-1@corp.example\n"
         "    request: {model: coding, max_tokens: 9, messages: [{role: user, content: hi}]}\n"
         "    upstreams: {anthropic-main/claude-sonnet-4-5: {status: 529}}\n"
         "    expect: " +
         std::string(expect) + "\n";
}

}  // namespace

TEST_CASE("policy tests pass or fail as a program", "[server]") {
  const Folder folder;
  folder.write("routed.yaml", kRoutedConfig);
  folder.write("spare.key", "sk-spare\n");
  folder.write("good.yaml", case_file("{target: spare/claude-sonnet-4-5, attempts: 2}"));
  folder.write("bad.yaml", case_file("{target: anthropic-main/claude-sonnet-4-5}"));
  const Run good = folder.run("test good.yaml 2>&1");
  INFO(good.out);
  CHECK(good.exit_code == 0);
  CHECK(good.out == "ok      an overload is not noticed\ngood.yaml: 1 passed, 0 failed\n");
  const Run bad = folder.run("test good.yaml bad.yaml 2>&1");
  INFO(bad.out);
  CHECK(bad.exit_code == 1);
  CHECK(
      has(bad.out, "good.yaml: 1 passed, 0 failed\nFAILED  an overload is not noticed\n        "));
  CHECK(has(bad.out, "spare/claude-sonnet-4-5"));
  CHECK(has(bad.out, "bad.yaml: 0 passed, 1 failed\n"));
  const Run json = folder.run("test good.yaml --json 2>&1");
  CHECK(json.exit_code == 0);
  CHECK(has(json.out, "\"passed\":1"));
  // Paths in the cases are relative to their file, not to where the program runs.
  CHECK(folder.run("test ./../$(basename $PWD)/good.yaml 2>&1").exit_code == 0);
}

TEST_CASE("policy tests that cannot run say why", "[server]") {
  const Folder folder;
  folder.write("routed.yaml", kRoutedConfig);
  folder.write("typo.yaml", "config: routed.yaml\ncases:\n  - {name: a, exspect: {status: 200}}\n");
  folder.write("lost.yaml", "config: nowhere.yaml\ncases: []\n");
  const Run typo = folder.run("test typo.yaml 2>&1");
  INFO(typo.out);
  CHECK(typo.exit_code == 1);
  CHECK(has(typo.out, "typo.yaml:3:"));
  CHECK(has(typo.out, "did you mean expect?"));
  const Run lost = folder.run("test lost.yaml 2>&1");
  CHECK(lost.exit_code == 1);
  CHECK(has(lost.out, "nowhere.yaml"));
  const Run none = folder.run("test not-there.yaml 2>&1");
  CHECK(none.exit_code == 1);
  CHECK(has(none.out, "not-there.yaml"));
  CHECK(folder.run("test 2>&1").exit_code == 2);
}
