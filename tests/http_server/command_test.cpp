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
  for (const char* command : {"", "serve", "check", "explain", "settings", "keys", "version"}) {
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
  CHECK(folder.run("explain --config config.yaml --request - " + token + "< request.json")
            .exit_code == 0);

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
  CHECK(folder.run("settings --config config.yaml 2>&1").exit_code == 2);
  CHECK(folder.run("settings --kind odd --config config.yaml 2>&1").exit_code == 2);
  CHECK(folder.run("settings --kind project --config config.yaml --url gw 2>&1").exit_code == 2);
}
