#include "exchange/frame_reader.hpp"

#include <utility>

#include "dialects/aws_chunk.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace tollgate::exchange {
namespace {

/// The member "type" of an event's JSON, which names it on this road.
std::string type_of(std::string_view data) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(data);
  return std::string(parsed.ok() ? parsed.value()["type"].string_or("") : std::string_view());
}

std::string message_object(std::string_view message) {
  std::string out;
  json::Writer(out).begin_object().member("message", message).end_object();
  return out;
}

}  // namespace

Status FrameReader::unwrap(const wire::AwsEvent& event) {
  // A frame that is no message says nothing; nor does an event that carries no chunk.
  told_ = event.message_type != wire::AwsMessage::kOther;
  if (!told_) return Status();
  if (event.message_type != wire::AwsMessage::kEvent) {
    // An error the service does not model has its text in the frame's headers.
    data_ = event.payload.empty() ? message_object(event.message) : std::string(event.payload);
    if (framing_ == providers::Framing::kAwsEvents) {
      name_ = "exception#";
      name_ += event.type;
      return Status();
    }
    data_ = provider_.error_event(event.type, data_);
    name_ = "error";
    return Status();
  }
  if (framing_ == providers::Framing::kAwsEvents) {
    name_ = event.type;
    data_ = event.payload;
    return Status();
  }
  told_ = event.type == "chunk";
  if (!told_) return Status();
  Result<std::string> chunk = dialects::aws_chunk_payload(event.payload);
  if (!chunk.ok()) return chunk.status();
  data_ = std::move(chunk.value());
  name_ = type_of(data_);
  return Status();
}

}  // namespace tollgate::exchange
