#include "config/load.hpp"

#include <utility>

#include "base/sha256.hpp"
#include "config/assemble.hpp"
#include "config/document_types.hpp"
#include "config/reading.hpp"
#include "config/yaml_tree.hpp"

namespace tollgate::config {
namespace {

constexpr size_t kVersionDigits = 16;

/// True of documents that say who has which role.
bool is_of_roles(const Tree& tree, const Node& root) {
  if (root.kind != NodeKind::kMapping) return false;
  for (uint32_t key = root.first_child; key != kNoNode;) {
    const uint32_t value = tree.at(key).next_sibling;
    if (value == kNoNode) return false;
    const std::string& type = tree.at(value).text;
    if (tree.at(key).text == "type") return type == "role" || type == "role-binding";
    key = tree.at(value).next_sibling;
  }
  return false;
}

std::shared_ptr<Configuration> load_tree(const Tree& tree, Reading& reading) {
  Draft draft;
  // Who has a role is known before the first document that names one.
  for (const bool of_roles : {true, false}) {
    for (const uint32_t root : tree.roots) {
      if (is_of_roles(tree, tree.at(root)) == of_roles) {
        read_document(reading, tree.at(root), draft);
      }
    }
  }
  // Half a text says nothing about what the other half defines.
  if (!tree.complete) return nullptr;
  if (tree.roots.empty()) {
    // A file that an editor has just emptied must not replace a configuration by nothing.
    reading.report.error({}, "there is no document in this text");
    return nullptr;
  }
  return assemble(std::move(draft), reading.report, reading.now);
}

}  // namespace

LoadResult load(std::string_view text, std::string_view file_name, const Lookup& lookup, Time now) {
  LoadResult result;
  Report report(file_name);
  const Tree tree = parse_yaml(text, report);
  Reading reading{tree, report, lookup, now};
  std::shared_ptr<Configuration> configuration = load_tree(tree, reading);
  const Result<Sha256> digest = sha256(text);
  if (!digest.ok()) report.error({}, digest.status().message());
  if (configuration && !report.has_errors()) {
    configuration->version = to_hex(digest.value()).substr(0, kVersionDigits);
    result.configuration = std::move(configuration);
  }
  result.diagnostics = report.take();
  return result;
}

}  // namespace tollgate::config
