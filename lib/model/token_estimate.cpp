#include "model/token_estimate.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/ascii.hpp"
#include "model/media_size.hpp"
#include "model/text_counts.hpp"

namespace tollgate::model {
namespace {

// Hundredths of a token a TextPart, fitted so that the sum lies between the truth and twice it.
using Weights = std::array<uint16_t, static_cast<size_t>(TextPart::kCount)>;

constexpr Weights kOpenAiWeights = {143, 161, 82, 52, 163, 30,  32,  71,  49,
                                    53,  5,   50, 50, 50,  179, 128, 120, 283};
constexpr Weights kOpenWeights = {184, 203, 43, 55,  138, 35,  99,  113, 24,
                                  77,  59,  95, 125, 215, 136, 178, 165, 457};
constexpr Weights kClaudeWeights = {191, 262, 53,  61,  127, 40,  5,   152, 15,
                                    154, 315, 125, 140, 275, 174, 198, 212, 491};
constexpr Weights kLaterClaudeWeights = {248, 341, 69,  79,  165, 52,  7,   198, 20,
                                         200, 410, 163, 182, 358, 226, 257, 276, 638};

const Weights& weights_of(Tokenizer tokenizer) {
  switch (tokenizer) {
    case Tokenizer::kOpenAi:
      return kOpenAiWeights;
    case Tokenizer::kClaude:
      return kClaudeWeights;
    case Tokenizer::kLaterClaude:
      return kLaterClaudeWeights;
    case Tokenizer::kOpen:
      break;
  }
  return kOpenWeights;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The high estimate is to the likely one as 7 to 5: the middle of what was measured.
constexpr int64_t kHighShare = 7;
constexpr int64_t kLikelyShare = 5;

/// What stands around the texts.
struct Frame {
  int64_t prompt;
  int64_t message;
  int64_t tool;
  int64_t any_tools;  ///< Instructions that come with the first tool.
};

constexpr Frame kOpenAiFrame = {7, 5, 12, 20};
constexpr Frame kOpenFrame = {8, 6, 16, 60};
constexpr Frame kClaudeFrame = {8, 6, 16, 400};

const Frame& frame_of(Tokenizer tokenizer) {
  if (tokenizer == Tokenizer::kOpenAi) return kOpenAiFrame;
  return tokenizer == Tokenizer::kOpen ? kOpenFrame : kClaudeFrame;
}

// The same for the bound: no template that is known needs so much.
constexpr int64_t kPromptBound = 2'500;
constexpr int64_t kMessageBound = 16;
constexpr int64_t kBlockBound = 16;
constexpr int64_t kToolBound = 64;
constexpr int64_t kServerToolLikely = 500;
constexpr int64_t kServerToolBound = 4'000;

constexpr int64_t kImageUnknown = 1'600;
constexpr int64_t kImageBound = 16'384;
constexpr int64_t kPageLikely = 2'000;
constexpr int64_t kPageHigh = 3'000;
constexpr int64_t kPageBound = 8'000;
constexpr int64_t kUnseenPages = 4;

/// The size after shrinking to 2048 by 2048 and then to a short side of 768.
PixelSize shrunk(PixelSize size) {
  const auto fit = [&](uint64_t from, uint64_t to) {
    if (from <= to) return;
    size.width = static_cast<uint32_t>(std::max<uint64_t>(1, size.width * to / from));
    size.height = static_cast<uint32_t>(std::max<uint64_t>(1, size.height * to / from));
  };
  fit(std::max(size.width, size.height), 2'048);
  fit(std::min(size.width, size.height), 768);
  return size;
}

int64_t squares(PixelSize size, uint32_t side) {
  return (int64_t{size.width} + side - 1) / side * ((int64_t{size.height} + side - 1) / side);
}

int64_t tiles(PixelSize size, int64_t base, int64_t each) {
  return base + each * squares(shrunk(size), 512);
}

int64_t openai_image(PixelSize size, std::string_view id) {
  if (has(id, "4o-mini")) return tiles(size, 2'833, 5'667);
  const bool nano = has(id, "nano");
  if (nano || has(id, "mini")) {
    return std::min<int64_t>(squares(size, 32), 1'536) * (nano ? 246 : 162) / 100 + 1;
  }
  return has(id, "gpt-5") || has(id, "gpt-6") ? tiles(size, 70, 140) : tiles(size, 85, 170);
}

int64_t image_tokens(PixelSize size, std::string_view id, Tokenizer tokenizer) {
  if (tokenizer == Tokenizer::kOpenAi) return openai_image(size, id);
  const int64_t by_area = int64_t{size.width} * size.height / 750 + 8;
  return std::min<int64_t>(by_area, tokenizer == Tokenizer::kLaterClaude ? 4'800 : 1'600);
}

/// Adds up a prompt.
class Prompt {
 public:
  Prompt(Tokenizer tokenizer, std::string id) : tokenizer_(tokenizer), id_(std::move(id)) {}

  void add_text(std::string_view text) {
    counts_.add(text);
    add_bytes(text);
  }
  /// Text that is in the prompt only perhaps.
  void add_bytes(std::string_view text) { bound_ += static_cast<int64_t>(text.size()); }

  void add_blocks(const std::vector<Block>& blocks) {
    std::vector<const Block*> open;
    for (const Block& block : blocks)
      open.push_back(&block);
    while (!open.empty()) {
      const Block& block = *open.back();
      open.pop_back();
      add_block(block);
      for (const Block& inner : block.content)
        open.push_back(&inner);
    }
  }

  void add_tool(const Tool& tool) {
    const Frame& frame = frame_of(tokenizer_);
    add_fixed(frame.tool, kToolBound);
    if (!tool.is_custom()) add_fixed(kServerToolLikely, kServerToolBound);
    add_text(tool.name);
    add_text(tool.description);
    add_text(tool.input_schema);
    add_bytes(tool.rest);
  }

  void add_fixed(int64_t likely, int64_t bound) {
    fixed_ += likely;
    bound_ += bound;
  }

  InputTokens total() const {
    const Weights& weights = weights_of(tokenizer_);
    uint64_t hundredths = 0;
    for (size_t i = 0; i < weights.size(); ++i)
      hundredths += weights[i] * counts_.of(static_cast<TextPart>(i));
    const auto text = static_cast<int64_t>((hundredths + 99) / 100);
    InputTokens tokens;
    tokens.high = std::max<int64_t>(1, text + fixed_ + media_high_);
    tokens.likely = std::max<int64_t>(
        1, (text + fixed_) * kLikelyShare / kHighShare + std::min(media_likely_, media_high_));
    tokens.bound = std::max(bound_, tokens.high);
    tokens.bound_is_sound = sound_;
    return tokens;
  }

 private:
  void add_block(const Block& block) {
    bound_ += kBlockBound;
    for (const std::string* unsure : {&block.signature, &block.id, &block.citations, &block.rest})
      add_bytes(*unsure);
    if (block.kind == BlockKind::kRedactedThinking) {
      add_bytes(block.text);
    } else {
      add_text(block.text);
    }
    add_text(block.name);
    add_text(block.input);
    if (block.source) add_source(block.kind, *block.source);
  }

  void add_source(BlockKind kind, const Source& source) {
    if (source.kind == SourceKind::kText) {
      add_text(source.data);
    } else if (source.kind == SourceKind::kContent || kind == BlockKind::kSearchResult) {
      add_text(source.data);
    } else if (kind == BlockKind::kImage) {
      add_image(source);
    } else {
      add_document(source);
    }
  }

  void add_image(const Source& source) {
    const std::optional<PixelSize> size =
        source.kind == SourceKind::kBase64 ? pixel_size(source.data) : std::nullopt;
    const int64_t tokens = size ? image_tokens(*size, id_, tokenizer_) : kImageUnknown;
    media_likely_ += tokens;
    media_high_ += tokens;
    bound_ += std::max(kImageBound, tokens);
  }

  void add_document(const Source& source) {
    const bool seen = source.kind == SourceKind::kBase64;
    const int64_t pages = seen ? int64_t{pdf_pages(source.data)} : kUnseenPages;
    media_likely_ += pages * kPageLikely;
    media_high_ += pages * kPageHigh;
    bound_ += pages * kPageBound;
    sound_ = false;
  }

  Tokenizer tokenizer_;
  std::string id_;
  TextCounts counts_;
  int64_t fixed_ = 0;
  int64_t media_likely_ = 0;
  int64_t media_high_ = 0;
  int64_t bound_ = 0;
  bool sound_ = true;
};

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    c = ascii::lower(c);
  return out;
}

/// The first generations of Claude's tokenizer end with 4.6.
bool is_earlier_claude(std::string_view id) {
  for (const char* later : {"4-7", "4.7", "4-8", "4.8"}) {
    if (has(id, later)) return false;
  }
  for (const char* earlier :
       {"claude-2", "claude-3", "claude-instant", "opus-4", "sonnet-4", "haiku-4"}) {
    if (has(id, earlier)) return true;
  }
  return false;
}

bool is_o200k(std::string_view id) {
  for (const char* name : {"gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "gpt-6", "gpt-oss", "codex"}) {
    if (has(id, name)) return true;
  }
  const std::string_view last = id.substr(id.rfind('/') + 1);
  return last.size() >= 2 && last[0] == 'o' && last[1] >= '1' && last[1] <= '9';
}

}  // namespace

Tokenizer tokenizer_of(std::string_view model_id) {
  const std::string id = lowered(model_id);
  if (has(id, "claude")) {
    return is_earlier_claude(id) ? Tokenizer::kClaude : Tokenizer::kLaterClaude;
  }
  return is_o200k(id) ? Tokenizer::kOpenAi : Tokenizer::kOpen;
}

InputTokens estimate_input_tokens(const Request& request, std::string_view model_id) {
  const Tokenizer tokenizer = tokenizer_of(model_id);
  const Frame& frame = frame_of(tokenizer);
  Prompt prompt(tokenizer, lowered(model_id));
  prompt.add_fixed(frame.prompt, kPromptBound);
  prompt.add_blocks(request.system);
  for (const Message& message : request.messages) {
    prompt.add_fixed(frame.message, kMessageBound);
    prompt.add_blocks(message.content);
    prompt.add_bytes(message.rest);
  }
  if (!request.tools.empty()) prompt.add_fixed(frame.any_tools, 0);
  for (const Tool& tool : request.tools)
    prompt.add_tool(tool);
  prompt.add_text(request.output_schema);
  prompt.add_bytes(request.rest);
  return prompt.total();
}

InputTokens estimate_text_tokens(std::string_view text, Tokenizer tokenizer) {
  Prompt prompt(tokenizer, {});
  prompt.add_text(text);
  return prompt.total();
}

}  // namespace tollgate::model
