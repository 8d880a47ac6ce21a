#include "dialects/repair.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/sha256.hpp"

namespace tollgate::dialects {
namespace {

using model::Block;
using model::BlockKind;
using model::LossKind;
using model::Message;
using model::Role;

constexpr std::string_view kAttribution = "x-anthropic-billing-header:";
constexpr std::string_view kInterrupted = "[no result: the call was interrupted]";
constexpr std::string_view kEmptyTurn = "(empty)";
constexpr size_t kHashedIdDigits = 24;

bool is_blank(const Block& block) {
  return block.kind == BlockKind::kText &&
         block.text.find_first_not_of(" \t\r\n") == std::string::npos;
}

Block text_block(std::string text) {
  Block block;
  block.text = std::move(text);
  return block;
}

bool is_id(std::string_view id, size_t bytes_max) {
  return !id.empty() && id.size() <= bytes_max && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

/// The block is one line; what stands behind that line is the prompt. What is left blank goes with
/// the other blank texts.
void drop_attribution(model::Request& request, model::Losses& losses) {
  for (Block& block : request.system) {
    if (block.kind != BlockKind::kText || !block.text.starts_with(kAttribution)) continue;
    const size_t line_end = block.text.find('\n');
    block.text.erase(0, line_end == std::string::npos ? line_end : line_end + 1);
    losses.add(LossKind::kDropped, "system (attribution block)");
  }
}

bool drop_blank_texts(std::vector<Block>& blocks) {
  const auto end = std::remove_if(blocks.begin(), blocks.end(), is_blank);
  if (end == blocks.end()) return false;
  blocks.erase(end, blocks.end());
  return true;
}

void drop_blank_texts(model::Request& request, model::Losses& losses) {
  drop_blank_texts(request.system);
  bool dropped = false;
  for (Message& message : request.messages) {
    if (drop_blank_texts(message.content)) dropped = true;
    for (Block& block : message.content) {
      // An empty result is an answer all the same; each dialect has its own way to write it.
      if (block.kind == BlockKind::kToolResult) drop_blank_texts(block.content);
    }
  }
  if (dropped) losses.add(LossKind::kDropped, "text (empty)");
  std::erase_if(request.messages, [](const Message& message) {
    return message.role == Role::kSystem && message.content.empty();
  });
}

void append(Message& to, Message& from) {
  to.content.insert(to.content.end(), std::make_move_iterator(from.content.begin()),
                    std::make_move_iterator(from.content.end()));
  to.content_is_text = false;
  from.content.clear();
}

/// System messages among others become reminders in the user's turn that follows, else in one of
/// their own.
void move_system_messages(model::Request& request, model::Losses& losses) {
  std::vector<Message> messages;
  messages.reserve(request.messages.size());
  std::vector<Block> reminders;
  const auto flush = [&] {
    if (reminders.empty()) return;
    Message own;
    own.content = std::exchange(reminders, {});
    messages.push_back(std::move(own));
  };
  for (Message& message : request.messages) {
    if (message.role == Role::kSystem) {
      for (Block& block : message.content) {
        if (block.kind == BlockKind::kText) {
          block.text = "<system-reminder>\n" + block.text + "\n</system-reminder>";
        }
        reminders.push_back(std::move(block));
      }
      losses.add(LossKind::kReordered, "system message -> user reminder");
      continue;
    }
    if (message.role == Role::kUser) {
      message.content.insert(message.content.begin(), std::make_move_iterator(reminders.begin()),
                             std::make_move_iterator(reminders.end()));
      if (!reminders.empty()) message.content_is_text = false;
      reminders.clear();
    } else {
      flush();
    }
    messages.push_back(std::move(message));
  }
  flush();
  request.messages = std::move(messages);
}

void merge_turns(model::Request& request, model::Losses& losses) {
  std::vector<Message> messages;
  messages.reserve(request.messages.size());
  for (Message& message : request.messages) {
    if (!messages.empty() && messages.back().role == message.role &&
        message.role != Role::kSystem) {
      append(messages.back(), message);
      losses.add(LossKind::kReordered, "neighbouring turns (merged)");
    } else {
      messages.push_back(std::move(message));
    }
  }
  request.messages = std::move(messages);
}

/// One tool call of the turn that waits for its results.
struct Call {
  std::string client_id;
  std::string id;
  bool answered = false;
};

class Pairing {
 public:
  Pairing(const RepairRules& rules, model::Losses& losses) : rules_(rules), losses_(losses) {}
  void run(model::Request& request);

 private:
  void take_assistant(Message& message);
  void take_user(Message& message);
  void take_system(Message& message);
  void answer_calls();
  std::string new_id(const std::string& id);
  void orphan(Block& block, std::vector<Block>& rest);
  bool waits() const { return !calls_.empty(); }

  const RepairRules& rules_;
  model::Losses& losses_;
  std::vector<Message> out_;
  std::unordered_set<std::string> ids_;
  std::vector<Call> calls_;       ///< Of the last assistant turn, while it waits.
  std::vector<Block> results_;    ///< For these, in order of arrival.
  std::vector<Message> delayed_;  ///< What came before the last result and must follow it.
};

std::string hashed_id(const std::string& id, size_t bytes_max) {
  const Result<Sha256> digest = sha256(id);
  const std::string digits = digest.ok() ? to_hex(digest.value()) : std::to_string(id.size());
  const std::string plain = "call_" + digits.substr(0, kHashedIdDigits);
  return plain.size() <= bytes_max ? plain : digits.substr(0, bytes_max);
}

std::string Pairing::new_id(const std::string& id) {
  const size_t bytes_max = rules_.tool_id_bytes_max;
  std::string mine = is_id(id, bytes_max) ? id : hashed_id(id, bytes_max);
  const std::string base = mine;
  for (int copy = 2; !ids_.insert(mine).second; ++copy) {
    mine = base + "_" + std::to_string(copy);
    if (mine.size() > bytes_max) mine = hashed_id(mine, bytes_max);
  }
  if (mine != id) losses_.add(LossKind::kRenamed, "tool_use id " + id + " -> " + mine);
  return mine;
}

void Pairing::take_assistant(Message& message) {
  // An assistant's turn in two messages: the results answer both.
  const bool same_turn = waits() && results_.empty() && delayed_.empty();
  if (!same_turn) answer_calls();
  std::vector<Block> kept;
  kept.reserve(message.content.size());
  for (Block& block : message.content) {
    if (block.kind == BlockKind::kToolResult) {
      orphan(block, kept);
      continue;
    }
    if (block.kind == BlockKind::kToolUse) {
      Call call{block.id, new_id(block.id), false};
      block.id = call.id;
      calls_.push_back(std::move(call));
    }
    kept.push_back(std::move(block));
  }
  message.content = std::move(kept);
  if (same_turn) {
    append(out_.back(), message);
  } else {
    out_.push_back(std::move(message));
  }
}

/// What nothing asked for in this place becomes text; images and documents of it stay.
void Pairing::orphan(Block& block, std::vector<Block>& rest) {
  losses_.add(LossKind::kReordered, "tool_result " + block.id + " (without its call) -> text");
  std::string text = "[result of an earlier tool call " + block.id + "]";
  for (const Block& part : block.content) {
    if (part.kind == BlockKind::kText) text.append("\n").append(part.text);
  }
  rest.push_back(text_block(std::move(text)));
  for (Block& part : block.content) {
    if (part.kind != BlockKind::kText) rest.push_back(std::move(part));
  }
}

void Pairing::take_user(Message& message) {
  std::vector<Block> rest;
  rest.reserve(message.content.size());
  bool late = std::any_of(delayed_.begin(), delayed_.end(),
                          [](const Message& each) { return !each.content.empty(); });
  for (Block& block : message.content) {
    if (block.kind == BlockKind::kToolUse) {
      losses_.add(LossKind::kDropped, "tool_use " + block.id + " in a user's turn");
      continue;
    }
    if (block.kind != BlockKind::kToolResult) {
      late = true;
      rest.push_back(std::move(block));
      continue;
    }
    const auto call = std::find_if(calls_.begin(), calls_.end(), [&](const Call& each) {
      return !each.answered && each.client_id == block.id;
    });
    if (call == calls_.end()) {
      orphan(block, rest);
      continue;
    }
    if (late) losses_.add(LossKind::kReordered, "tool_result (before the rest of its turn)");
    call->answered = true;
    block.id = call->id;
    results_.push_back(std::move(block));
  }
  message.content = std::move(rest);
  delayed_.push_back(std::move(message));
}

void Pairing::take_system(Message& message) {
  if (waits()) {
    delayed_.push_back(std::move(message));
  } else {
    out_.push_back(std::move(message));
  }
}

/// Ends the wait: results in the order of their calls, then what was said besides.
void Pairing::answer_calls() {
  if (waits()) {
    Message turn;
    for (const Call& call : calls_) {
      const auto found = std::find_if(results_.begin(), results_.end(),
                                      [&](const Block& each) { return each.id == call.id; });
      if (found != results_.end()) {
        if (found != results_.begin()) losses_.add(LossKind::kReordered, "tool_result (by call)");
        turn.content.push_back(std::move(*found));
        results_.erase(found);
        continue;
      }
      losses_.add(LossKind::kReordered, "tool_result " + call.id + " (missing, made up)");
      Block made;
      made.kind = BlockKind::kToolResult;
      made.id = call.id;
      made.content_is_text = true;
      made.content.push_back(text_block(std::string(kInterrupted)));
      turn.content.push_back(std::move(made));
    }
    // One turn holds the results and what the user says; a system message keeps them apart.
    if (!delayed_.empty() && delayed_.front().role == Role::kUser) {
      append(turn, delayed_.front());
      turn.rest = std::move(delayed_.front().rest);
      delayed_.erase(delayed_.begin());
    }
    out_.push_back(std::move(turn));
  }
  for (Message& message : delayed_) {
    // A turn that held results only has said everything above.
    if (!waits() || !message.content.empty()) out_.push_back(std::move(message));
  }
  delayed_.clear();
  results_.clear();
  calls_.clear();
}

void Pairing::run(model::Request& request) {
  out_.reserve(request.messages.size() + 1);
  for (Message& message : request.messages) {
    switch (message.role) {
      case Role::kAssistant:
        take_assistant(message);
        break;
      case Role::kUser:
        take_user(message);
        // Neighbouring user turns are one turn: results may stand in any of them.
        if (!waits()) answer_calls();
        break;
      case Role::kSystem:
        take_system(message);
        break;
    }
  }
  answer_calls();
  request.messages = std::move(out_);
}

}  // namespace

model::Request without_tools(const model::Request& request) {
  // A member that is added to requests must be named here: the compiler counts them.
  const auto& [model, max_tokens, stream, system, system_is_text, messages, tools, tool_choice,
               thinking, effort, output_schema, output_config_rest, temperature, top_p, top_k,
               stop_sequences, user_id, metadata_rest, service_tier, speed, context_management,
               rest, dialect_rest, losses, stream_usage] = request;
  static_cast<void>(tools);
  return {model,
          max_tokens,
          stream,
          system,
          system_is_text,
          messages,
          {},
          tool_choice,
          thinking,
          effort,
          output_schema,
          output_config_rest,
          temperature,
          top_p,
          top_k,
          stop_sequences,
          user_id,
          metadata_rest,
          service_tier,
          speed,
          context_management,
          rest,
          dialect_rest,
          losses,
          stream_usage};
}

void repair(model::Request& request, const RepairRules& rules, model::Losses& losses) {
  drop_attribution(request, losses);
  drop_blank_texts(request, losses);
  if (!rules.system_in_place) move_system_messages(request, losses);
  Pairing(rules, losses).run(request);
  if (rules.merge_turns) merge_turns(request, losses);
  for (Message& message : request.messages) {
    if (!message.content.empty()) continue;
    message.content.push_back(text_block(std::string(kEmptyTurn)));
    message.content_is_text = true;
  }
}

}  // namespace tollgate::dialects
