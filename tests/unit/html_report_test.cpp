// SPDX-License-Identifier: GPL-2.0
#include "report/html_report.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "report/html_assets.h"
#include "report/html_curves.h"
#include "report/html_data.h"
#include "report/html_timeline.h"
#include "report_run.h"

namespace daxbreak {
namespace {

using html::Json;

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

/// What the page's script will parse.
Json data_of(const std::string& page) {
  constexpr std::string_view begin = "<script type=\"application/json\" id=\"data\">";
  const auto from = page.find(begin) + begin.size();
  return Json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(HtmlReport, JsonCannotEndItsElement) {
  const std::string json = script_json(Json("</script><!-- </SCRIPT> ]]> &").dump());
  EXPECT_EQ(json.find('<'), std::string::npos);
  EXPECT_EQ(Json::parse(json), Json("</script><!-- </SCRIPT> ]]> &"));
}

TEST(HtmlReport, QuotesText) {
  EXPECT_EQ(html_text("<a href=\"x\" id='y'>&"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
}

TEST(HtmlReport, FillsPlacesOnce) {
  EXPECT_EQ(fill_places("a @@X@@ b @@Y@@ @@Z@@ @@", {{"X", "@@Y@@"}, {"Y", "2"}}),
            "a @@Y@@ b 2 @@Z@@ @@");
}

TEST(HtmlReport, HostileTextStaysText) {
  const std::string page = format_html(sample::report_run(), sample::report_known());
  EXPECT_EQ(count(page, "<script"), 2U);  // the data and the script
  EXPECT_EQ(count(page, "</script>"), 2U);
  EXPECT_EQ(count(page, "alert('1')"), count(page, "\\u003cscript>alert('1')"));
  const Json data = data_of(page);
  EXPECT_NE(data["command"].get<std::string>().find("</script><!--<script>alert('1')</script> &"),
            std::string::npos);
}

TEST(HtmlReport, AsksForNothing) {
  const std::string assets =
      fmt::format("{}{}{}", html::page_template, html::page_style, html::page_script);
  for (const char* outside : {"src=", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket",
                              "innerHTML", "insertAdjacentHTML", "document.write", "eval("})
    EXPECT_EQ(assets.find(outside), std::string::npos) << outside;
  EXPECT_EQ(count(assets, "://"), count(assets, "http://www.w3.org/2000/svg"));
  EXPECT_NE(assets.find("default-src 'none'"), std::string::npos);
}

TEST(HtmlReport, AnEmptyRunIsAPage) {
  const std::string page = format_html({}, {});
  EXPECT_TRUE(data_of(page)["trials"].empty());
}

TEST(HtmlData, TimelinesAreWhole) {
  const Timeline good = hand_made::good();
  const auto shown = html::shown_events(good);
  ASSERT_EQ(shown.size(), good.events.size());
  html::StringTable strings;
  html::ShapeTable shapes;
  const Json json = html::timeline_json(good, shown, strings, shapes);
  ASSERT_EQ(json["e"].size(), 2 * good.events.size());
  std::int64_t t = good.first(EventKind::break_begin)->t_ns;
  const Json all = shapes.json();
  for (std::size_t i = 0; i < good.events.size(); ++i) {
    t += json["e"][2 * i].get<std::int64_t>();
    EXPECT_EQ(t, good.events[i].t_ns);
    EXPECT_EQ(all[json["e"][2 * i + 1].get<std::size_t>()][0],
              static_cast<int>(good.events[i].kind));
  }
}

TEST(HtmlData, DetailsAreThoseOfTheEvidence) {
  const Timeline good = hand_made::good();
  EXPECT_EQ(html::event_detail(good, *good.first(EventKind::scan)),
            "busy page, count 2, mappings 0");
  EXPECT_EQ(html::event_detail(good, *good.first(EventKind::wait)), "");
  EXPECT_EQ(html::event_detail(good, *good.first(EventKind::release_begin)), "");
}

TEST(HtmlData, LongTrafficIsThinnedAndSaysSo) {
  Timeline busy = hand_made::good();
  std::vector<Event> events;
  for (const Event& event : busy.events) {
    events.push_back(event);
    for (int i = 0; event.kind == EventKind::sleep && i < 3000; ++i)
      events.push_back(
          {.t_ns = event.t_ns + i, .kind = i % 3 == 0 ? EventKind::wake : EventKind::put});
  }
  busy.events = events;
  const auto shown = html::shown_events(busy);
  EXPECT_LT(shown.size(), 60U);
  std::size_t events_shown = 0;
  std::size_t left_out = 0;
  for (const html::ShownEvent& one : shown) {
    events_shown += one.event != nullptr ? 1 : 0;
    left_out += one.puts + one.wakes;
  }
  EXPECT_EQ(events_shown + left_out, busy.events.size());
  html::StringTable strings;
  html::ShapeTable shapes;
  (void)html::timeline_json(busy, shown, strings, shapes);
  const auto& all = strings.all();
  EXPECT_NE(std::find(all.begin(), all.end(), "1,992 put and 996 wake events not listed"),
            all.end());
}

TEST(HtmlData, EvidenceNamesItsEvents) {
  const Timeline good = hand_made::good();
  const auto shown = html::shown_events(good);
  const Json json = html::evidence_json(
      good, shown, {"    +1.000 ms  scan          busy page, count 2, mappings 0", "else  "});
  EXPECT_EQ(json, Json::array({5, "else"}));
}

TEST(HtmlData, CellsOfKernelsAreOne) {
  const Json data = html::run_json(sample::report_run(), sample::report_known());
  EXPECT_EQ(data["trials"].size(), 4U * 216U);
  EXPECT_EQ(data["cells"].size(), 216U);
  EXPECT_EQ(data["kernels"].size(), 4U);
  EXPECT_EQ(data["known"][0][0], "bio-put-loses-wake");
}

TEST(HtmlCurves, SweepsAreMediansWithSpread) {
  const Json sweeps = html::sweeps_json(sample::report_run());
  ASSERT_EQ(sweeps.size(), 2U);  // break and pin over "mapped"; "pinners" never changes
  EXPECT_EQ(sweeps[0]["key"], "mapped");
  EXPECT_EQ(sweeps[0]["series"], "break");
  ASSERT_EQ(sweeps[0]["curves"].size(), 4U);
  const Json& points = sweeps[0]["curves"][0]["points"];
  ASSERT_EQ(points.size(), 6U);
  EXPECT_EQ(points[0][0], 4096);
  EXPECT_EQ(points[0][1], "4k");
  EXPECT_EQ(points[5][1], "1g");
  for (const Json& point : points) {
    EXPECT_LT(point[3].get<double>(), point[2].get<double>());
    EXPECT_GT(point[4].get<double>(), point[2].get<double>());
    EXPECT_EQ(point[5], 100);  // 200 operations in 2 seconds
    EXPECT_EQ(point[6], 3);
  }
}

TEST(HtmlCurves, SweptValues) {
  EXPECT_EQ(html::swept_number("64k"), 65536.0);
  EXPECT_EQ(html::swept_number("4"), 4.0);
  EXPECT_EQ(html::swept_number("1.5"), 1.5);
  EXPECT_FALSE(html::swept_number("none"));
  EXPECT_FALSE(html::swept_number(""));
}

}  // namespace
}  // namespace daxbreak
