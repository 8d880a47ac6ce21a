#include "base/ascii.hpp"
#include "dialects/openai_chat/chunk.hpp"
#include "dialects/openai_chat/parts.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

class Decoder final : public StreamDecoder {
 public:
  explicit Decoder(Translation& translation) : reader_(translation) {}
  Status on_event(std::string_view name, std::string_view data, Events& out) override;
  Status on_end(Events& out) override;

 private:
  Status end(bool told, Events& out);

  json::Document document_;
  std::string mended_;
  ChunkReader reader_;
  bool over_ = false;
};

Status Decoder::on_event(std::string_view name, std::string_view data, Events& out) {
  if (over_ || reader_.answer().over()) return Status();
  data = ascii::trim(data);
  if (data.empty() || name == "ping") return Status();
  if (data == "[DONE]") return end(true, out);
  auto parsed = document_.parse(data);
  if (!parsed.ok() && mend_surrogates(data, mended_)) {
    data = mended_;
    parsed = document_.parse(data);
  }
  if (!parsed.ok() || !parsed.value().is_object()) {
    over_ = true;
    return invalid("the upstream's stream holds data that is no JSON object");
  }
  if (Status status = reader_.read(parsed.value(), data, false, out); !status.ok()) {
    over_ = true;
    return status;
  }
  if (name == "error" && !reader_.failure()) reader_.read_error_event(parsed.value());
  if (!reader_.failure()) return Status();
  over_ = true;
  model::StreamEvent& event = out.emplace_back();
  event.kind = model::StreamEventKind::kError;
  event.failure = *reader_.failure();
  return Status();
}

Status Decoder::end(bool told, Events& out) {
  over_ = true;
  return reader_.answer().end(told, out);
}

Status Decoder::on_end(Events& out) {
  if (over_ || reader_.answer().over()) return Status();
  return end(false, out);
}

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(Translation& translation) {
  return std::make_unique<Decoder>(translation);
}

}  // namespace tollgate::dialects::openai_chat
