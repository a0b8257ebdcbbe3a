// SPDX-License-Identifier: GPL-2.0
#include "lab/protocol.h"

#include <gtest/gtest.h>

#include <string>

namespace daxbreak {
namespace {

template <class T>
T round_trip(const T& value) {
  const auto line = encode(Message(value));
  EXPECT_EQ(line.back(), '\n');
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one message is one line";
  EXPECT_TRUE(line.starts_with("{\"type\":")) << line;
  const auto message = decode(std::string_view(line).substr(0, line.size() - 1));
  if (!message) {
    ADD_FAILURE() << message.error().message();
    return {};
  }
  if (!std::holds_alternative<T>(*message)) {
    ADD_FAILURE() << "another type came back";
    return {};
  }
  return std::get<T>(*message);
}

TEST(Protocol, EveryMessageComesBack) {
  const auto hello = round_trip(Hello{"6.1.0", {{"init", 1.5}}});
  EXPECT_EQ(hello.release, "6.1.0");
  EXPECT_DOUBLE_EQ(hello.phases.at("init"), 1.5);
  EXPECT_EQ(round_trip(Alive{.sequence = 7, .uptime = 2}).sequence, 7U);
  EXPECT_DOUBLE_EQ(round_trip(Ready{{{"mkfs", 0.25}}}).phases.at("mkfs"), 0.25);
  EXPECT_EQ(round_trip(TrialBegin{.index = 41}).index, 41U);
  EXPECT_EQ(round_trip(GuestLog{.error = true, .text = "a\nb"}).text, "a\nb");
  EXPECT_EQ(round_trip(Wedged{"stuck"}).why, "stuck");
  EXPECT_EQ(round_trip(Done{"no BTF"}).error, "no BTF");
  EXPECT_EQ(round_trip(Start{.index = 41}).index, 41U);
  round_trip(Stop{});
  EXPECT_EQ(round_trip(Environment{.kernel = "6.1", .scheme = "fsdax-one"}).scheme, "fsdax-one");
}

TEST(Protocol, PlanKeepsCellsAndTheirOrder) {
  Plan plan{.kernel = "6.1", .accelerator = "tcg", .patience = 4, .schemes = "/etc/schemes"};
  plan.census_states = true;
  plan.gate_completion = std::chrono::milliseconds(77);
  plan.cells = {
      {.index = 9, .cell = {.filesystem = "xfs", .pin = "vmsplice", .breaker = "truncate"}},
      {.index = 3, .cell = {.filesystem = "ext4", .page_size = 2UL << 20}}};
  const auto back = round_trip(plan);
  EXPECT_EQ(back.kernel, "6.1");
  EXPECT_DOUBLE_EQ(back.patience, 4);
  EXPECT_TRUE(back.census_states);
  EXPECT_EQ(back.gate_completion, plan.gate_completion);
  ASSERT_EQ(back.cells.size(), 2U);
  EXPECT_EQ(back.cells[0].index, 9U);
  EXPECT_EQ(back.cells[0].cell.pin, "vmsplice");
  EXPECT_EQ(back.cells[1].cell.page_size, 2UL << 20);
}

TEST(Protocol, PlanKeepsMeasurements) {
  MeasurePoint point{.kernel = "6.1", .job = "storm", .load = "storm", .filesystem = "xfs"};
  point.pins = {"vmsplice", "odirect-read"};
  point.breakers = {"punch-hole"};
  point.swept = {{"breakers", "4"}};
  point.pinner_count = 3;
  point.breaker_count = 4;
  point.mapped = 1UL << 30;
  point.runtime = std::chrono::milliseconds(77);
  point.observe = Observe::no;
  const auto back = round_trip(Plan{.cells = {{.index = 1, .cell = {}, .measure = point}}});
  ASSERT_EQ(back.cells.size(), 1U);
  ASSERT_TRUE(back.cells[0].measure.has_value());
  const MeasurePoint& same = *back.cells[0].measure;
  EXPECT_EQ(same.id(), point.id());
  EXPECT_EQ(same.pins, point.pins);
  EXPECT_EQ(same.breakers, point.breakers);
  EXPECT_EQ(same.swept, point.swept);
  EXPECT_EQ(same.pinner_count, 3U);
  EXPECT_EQ(same.breaker_count, 4U);
  EXPECT_EQ(same.mapped, point.mapped);
  EXPECT_EQ(same.runtime, point.runtime);
  EXPECT_EQ(same.observe, Observe::no);
}

TEST(Protocol, TextThatIsNotUtf8IsRepaired) {
  EXPECT_NE(round_trip(GuestLog{.error = false, .text = "a\xff\xfe z"}).text.find(" z"),
            std::string::npos);
}

TEST(Protocol, NonsenseIsAnError) {
  for (const auto* line :
       {"", "{", "[]", "3", "{}", "{\"type\":4}", "{\"type\":\"frobnicate\"}",
        "{\"type\":\"alive\"}", "{\"type\":\"alive\",\"sequence\":\"x\",\"uptime\":1}",
        "{\"type\":\"plan\",\"plan\":{}}", "{\"type\":\"trial_end\",\"record\":null}",
        "\x01\x02\x03"})
    EXPECT_FALSE(decode(line)) << line;
}

TEST(LineReader, PutsPiecesTogether) {
  LineReader reader;
  EXPECT_TRUE(reader.take("one").empty());
  EXPECT_EQ(reader.take(" line\nand").front(), "one line");
  const auto lines = reader.take(" two\n\n\nthree\nfo");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "and two");
  EXPECT_EQ(lines[1], "three");
  EXPECT_EQ(reader.dropped(), 0U);
}

TEST(LineReader, DropsOverlongLinesAndGoesOn) {
  LineReader reader(8);
  EXPECT_EQ(reader.take("12345678\n").size(), 1U);
  EXPECT_TRUE(reader.take("123456").empty());
  EXPECT_TRUE(reader.take("789").empty());
  EXPECT_TRUE(reader.take("still the same line").empty());
  const auto lines = reader.take(" and its end\nnext\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "next");
  EXPECT_EQ(reader.dropped(), 1U);
}

TEST(LineReader, ByteByByteIsTheSame) {
  LineReader reader(4);
  std::vector<std::string> lines;
  for (const char letter : std::string("ab\ntoolong\n\ncd\nabcd\n"))
    for (auto& line : reader.take({&letter, 1}))
      lines.push_back(line);
  EXPECT_EQ(lines, (std::vector<std::string>{"ab", "cd", "abcd"}));
  EXPECT_EQ(reader.dropped(), 1U);
}

}  // namespace
}  // namespace daxbreak
