#pragma once

// Gemini takes less of JSON Schema than tools are described with, and one keyword it does not know
// refuses the whole request. What cannot be kept as a keyword becomes a remark in the description.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/gemini_generate/schema_keywords.hpp"
#include "dialects/gemini_generate/schema_tree.hpp"
#include "dialects/gemini_generate/schema_untouched.hpp"
#include "json/reader.hpp"
#include "model/loss.hpp"

namespace tollgate::dialects::gemini_generate {

struct SchemaRules {
  bool json_schema = true;  ///< For parametersJsonSchema; else for the older `parameters`.
  bool plain = false;       ///< The upstream found a schema too complex: keep little.
  bool parameters = true;   ///< Of a function: an object at the top. Else of an answer.
};

/// Cleans one schema after the other, at any nesting, without recursion and bounded in nodes and
/// depth. References are replaced by what they refer to, circles by any object.
class SchemaCleaner {
 public:
  explicit SchemaCleaner(SchemaRules rules) : rules_(rules) {}

  /// Appends the cleaned schema. False, with nothing appended, where `parameters` must be left
  /// away: the function has none.
  bool clean(std::string_view schema, std::string& out);
  /// What had to be left out of all schemas so far.
  void note_losses(model::Losses& losses) const;

 private:
  using Id = SchemaTree::Id;
  using Kind = SchemaTree::Kind;
  static constexpr Id kNone = SchemaTree::kNone;

  /// A schema to clean, and which references led to it.
  struct Task {
    Id node;
    uint32_t depth;
    uint32_t trail;
  };
  /// A reference that was followed on the way to a node.
  struct Step {
    std::string_view reference;
    uint32_t before;
  };
  struct Bound {
    bool set = false;
    bool whole = true;
    int64_t integer = 0;
    double real = 0;
    double value() const { return whole ? static_cast<double>(integer) : real; }
  };
  using Keywords = std::array<Id, kKeywordCount>;

  /// The schema being rewritten: its keywords, and what becomes of them.
  struct Rewrite {
    Id node = kNone;
    uint32_t depth = 0;
    uint32_t trail = 0;
    Keywords keywords;
    uint8_t types = 0;  ///< Bits of kTypes.
    bool nullable = false;
    std::vector<std::string> remarks;
    Id at(Keyword keyword) const { return keywords[static_cast<size_t>(keyword)]; }
  };

  // schema_clean.cpp: what a node is put together from.
  bool copy_untouched(json::Value top, std::string& out);
  void drain();
  void clean_node(const Task& task);
  bool follow_references(Id node, uint32_t& trail);
  json::Value referred(std::string_view reference) const;
  bool merge_all_of(Id node, uint32_t trail);
  void merge_into(Id node, Id from, Id all_of);
  void merge_properties(Id node, Id from);
  bool settle_choice(Id node);
  bool is_null_schema(Id node) const;
  void unite_choice_at_top(Id node, uint32_t trail);
  void make_any_object(Id node);
  void cut_below(Id node);
  void task(Id node, const Rewrite& rewrite);

  // schema_rewrite.cpp: keyword by keyword.
  void rewrite(const Task& task);
  void read_keywords(Rewrite& rewrite);
  void read_types(Rewrite& rewrite);
  void infer_types(Rewrite& rewrite) const;
  bool split_types(Rewrite& rewrite);
  Id cleaned_enum(Rewrite& rewrite);
  Id enum_of(const Rewrite& rewrite);
  void write_type(Rewrite& rewrite);
  void write_format(Rewrite& rewrite);
  void write_object(Rewrite& rewrite);
  void write_properties(Rewrite& rewrite);
  bool are_names_of(Id names, Id properties) const;
  void write_names(Rewrite& rewrite, Keyword keyword);
  void write_array(Rewrite& rewrite);
  void write_bounds(Rewrite& rewrite);
  Bound bound(const Rewrite& rewrite, Keyword inclusive, Keyword exclusive, int direction) const;
  void write_lengths(Rewrite& rewrite);
  void write_choice(Rewrite& rewrite);
  void write_description(Rewrite& rewrite);
  void remark(Rewrite& rewrite, Keyword keyword);
  void lose(Keyword keyword) { lost_ |= uint64_t{1} << static_cast<unsigned>(keyword); }

  SchemaRules rules_;
  json::Document document_;
  json::Value source_;
  SchemaTree tree_;
  std::vector<Task> tasks_;
  std::vector<PendingSchema> pending_;  ///< Memory of copy_untouched().
  std::vector<Step> trail_;
  uint64_t lost_ = 0;  ///< A bit per keyword.
  bool cut_ = false;   ///< A circle, a depth or a size had to be cut.
};

}  // namespace tollgate::dialects::gemini_generate
