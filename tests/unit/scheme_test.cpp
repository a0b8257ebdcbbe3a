// SPDX-License-Identifier: GPL-2.0
// Scheme files, and which scheme a kernel's symbols and types give away.
#include "kernel/scheme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/kallsyms.h"

namespace daxbreak {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

// The least a scheme file must say.
const std::string kLeast =
    "name = x\ntitle = X\nidle = 1\nwake_key = page\nputs = f:1\npresent = f\nsource = here\n";

std::string wrong(const std::string& text) {
  const auto scheme = parse_scheme(text, "x");
  return scheme ? "" : scheme.error().message();
}

std::vector<Scheme> shipped() {
  auto schemes = load_schemes(DAXBREAK_SOURCE "/configs/schemes");
  EXPECT_TRUE(schemes) << schemes.error().message();
  return schemes ? *schemes : std::vector<Scheme>{};
}

std::string detected(const KernelFacts& facts) {
  const auto scheme = detect_scheme(shipped(), facts);
  return scheme ? scheme->name : scheme.error().message();
}

// What the stock Debian kernels have of the names that the schemes ask about.
const KernelFacts k510{
    .release = "5.10.0-46-amd64",
    .symbols = {"put_devmap_managed_page", "free_devmap_managed_page", "devmap_managed_key"},
    .members = {"dev_pagemap_ops.kill"}};
const KernelFacts k61{
    .release = "6.1.0-56-amd64",
    .symbols = {"__put_devmap_managed_page_refs", "free_zone_device_page", "devmap_managed_key"}};
const KernelFacts k612{.release = "6.12.117",
                       .symbols = {"__put_devmap_managed_folio_refs", "free_zone_device_folio",
                                   "devmap_managed_key", "folio_add_pin"}};
const KernelFacts k72{.release = "7.2.13",
                      .symbols = {"dax_break_layout", "free_zone_device_folio", "folio_add_pin"}};
// One image that boots with any of three schemes: it has what all of them have.
const KernelFacts patched{.release = "5.10.262-daxbreak",
                          .symbols = {"put_devmap_managed_page", "free_devmap_managed_page",
                                      "devmap_managed_key", "free_zone_device_page", "dax_scheme"},
                          .members = {"dev_pagemap_ops.kill"}};
const KernelFacts campbell{.release = "5.10.262-zero",
                           .symbols = {"free_zone_device_page"},
                           .members = {"dev_pagemap_ops.kill"}};
const KernelFacts williams{.release = "6.1.192-mapcounted",
                           .symbols = {"dax_zap_mappings", "free_zone_device_page"},
                           .members = {"dev_pagemap.init_mode"}};

TEST(SchemeFile, ReadsEveryKey) {
  const auto scheme = parse_scheme(
      "# a comment\n\n"
      "name = x\ntitle = A title, with = signs\nauthor = Someone\nidle = 0\nper_entry = 1\n"
      "per_mapping = 2\nfoll_get = 3\nfoll_pin = 1024\nfoll_pin_compound = 4\n"
      "wake_key = page\nputs = f:1, g:2:3 ,h|i:1:none\npresent = a|b, s.m\nabsent =\n"
      "odirect_pins_if = p\nsource = somewhere\n",
      "x");
  ASSERT_TRUE(scheme) << scheme.error().message();
  EXPECT_EQ(scheme->title, "A title, with = signs");
  EXPECT_EQ(scheme->idle, 0);
  EXPECT_EQ(scheme->per_entry, 1);
  EXPECT_EQ(scheme->per_mapping, 2);
  EXPECT_EQ(scheme->foll_get, 3);
  EXPECT_EQ(scheme->foll_pin, 1024);
  EXPECT_EQ(scheme->foll_pin_compound, 4);
  EXPECT_TRUE(scheme->wake_on_page);
  EXPECT_EQ(scheme->present, (std::vector<std::string>{"a|b", "s.m"}));
  EXPECT_TRUE(scheme->absent.empty());
  ASSERT_EQ(scheme->puts.size(), 3U);
  EXPECT_EQ(scheme->puts[0].refs_arg, 0);
  EXPECT_EQ(scheme->puts[1].symbol, "g");
  EXPECT_EQ(scheme->puts[1].page_arg, 2);
  EXPECT_EQ(scheme->puts[1].refs_arg, 3);
  EXPECT_EQ(scheme->puts[2].symbol, "h|i");
  EXPECT_EQ(scheme->puts[2].refs_arg, PutHook::kDropped);
}

TEST(SchemeFile, ErrorsNameFileAndLine) {
  EXPECT_EQ(wrong(kLeast), "");
  EXPECT_EQ(wrong("name = x\nidel = 1\n"), "x:2: unknown key 'idel' (did you mean 'idle'?)");
  EXPECT_THAT(wrong("idle = one\n"), HasSubstr("x:1: idle: 'one' is not a number"));
  EXPECT_THAT(wrong("idle = 1x\n"), HasSubstr("not a number"));
  EXPECT_THAT(wrong("idle = 1\n\nidle = 1\n"), HasSubstr("x:3: 'idle' is given twice"));
  EXPECT_THAT(wrong("idle\n"), HasSubstr("x:1: 'idle' is not 'key = value'"));
  EXPECT_THAT(wrong("wake_key = folio\n"), HasSubstr("neither 'page' nor 'refcount'"));
  EXPECT_THAT(wrong("puts = f\n"), HasSubstr("symbol:page_arg"));
  EXPECT_THAT(wrong("puts = f:0\n"), HasSubstr("numbered 1 to 5"));
  EXPECT_THAT(wrong("puts = f:1:-1\n"), HasSubstr("numbered 1 to 5"));
  EXPECT_THAT(wrong("name = x\n"), HasSubstr("'title' is missing"));
  EXPECT_THAT(wrong("name =\n"), HasSubstr("value is empty"));
}

TEST(SchemeFile, ShippedSchemesLoad) {
  std::vector<std::string> names;
  for (const Scheme& scheme : shipped())
    names.push_back(scheme.name);
  EXPECT_THAT(names, IsSupersetOf({"devmap-one", "fsdax-one", "map-counted", "zero", "zero-rfc",
                                   "zero-rfc-repaired"}));
}

TEST(SchemeFile, MissingDirectoryIsAnError) {
  const auto schemes = load_schemes("/nonexistent/schemes");
  ASSERT_FALSE(schemes);
  EXPECT_THAT(schemes.error().message(), HasSubstr("/nonexistent/schemes"));
}

TEST(SchemeDetection, EachKernelMatchesItsSchemeAlone) {
  EXPECT_EQ(detected(k510), "devmap-one");
  EXPECT_EQ(detected(k61), "fsdax-one");
  EXPECT_EQ(detected(k612), "fsdax-one");
  EXPECT_EQ(detected(k72), "zero");
  EXPECT_EQ(detected(campbell), "zero-rfc");
  EXPECT_EQ(detected(williams), "map-counted");
}

TEST(SchemeDetection, VersionDoesNotCount) {
  KernelFacts backport = k61;
  backport.release = "5.14.0-570.el9";
  EXPECT_EQ(detected(backport), "fsdax-one");
}

TEST(SchemeDetection, TheKernelsOwnParameterDecides) {
  for (const char* name : {"devmap-one", "zero-rfc", "zero-rfc-repaired"}) {
    KernelFacts facts = patched;
    facts.parameter = name;
    EXPECT_EQ(detected(facts), name);
    EXPECT_EQ(detected_by(facts), "by the kernel's own parameter");
  }
  EXPECT_EQ(detected_by(k510), "by its symbols and types");
}

TEST(SchemeDetection, AParameterWithoutASchemeFileIsAnError) {
  KernelFacts facts = patched;
  facts.parameter = "zero-rcf";
  const std::string said = detected(facts);
  EXPECT_THAT(said, HasSubstr("kernel 5.10.262-daxbreak says that its dax_scheme is 'zero-rcf'"));
  EXPECT_THAT(said, HasSubstr("did you mean 'zero-rfc'?"));
  facts.parameter = "something";
  EXPECT_THAT(detected(facts), Not(HasSubstr("did you mean")));
}

TEST(SchemeDetection, NoMatchSaysWhatFailed) {
  const std::string said = detected({.release = "9.9"});
  EXPECT_THAT(said, HasSubstr("kernel 9.9 matches no refcount scheme"));
  EXPECT_THAT(said, HasSubstr("zero: dax_break_layout is missing"));
}

TEST(SchemeDetection, TwoMatchesAreAnError) {
  auto schemes = shipped();
  schemes.push_back(schemes.front());
  const auto scheme = detect_scheme(schemes, k510);
  ASSERT_FALSE(scheme);
  EXPECT_THAT(scheme.error().message(), HasSubstr("more than one"));
}

TEST(SchemeDetection, OdirectPinsWhereBioPagesAreFollPin) {
  for (const auto* facts : {&k510, &k61}) {
    const auto scheme = detect_scheme(shipped(), *facts);
    ASSERT_TRUE(scheme);
    EXPECT_FALSE(odirect_pins(*scheme, *facts)) << facts->release;
  }
  for (const auto* facts : {&k612, &k72}) {
    const auto scheme = detect_scheme(shipped(), *facts);
    ASSERT_TRUE(scheme);
    EXPECT_TRUE(odirect_pins(*scheme, *facts)) << facts->release;
  }
}

TEST(Kallsyms, FindsWantedNamesOfTheImageOnly) {
  Symbols found;
  EXPECT_TRUE(
      scan_symbols("ffffffff81000000 T wanted\n"
                   "ffffffff81000010 t clone.isra.0\n"
                   "ffffffff81000020 T wanted_not\n"
                   "garbage\n",
                   {"wanted", "clone", "late"}, found));
  EXPECT_FALSE(scan_symbols("ffffffffc0000000 t late\t[module]\nffffffff81000030 T late\n",
                            {"wanted", "clone", "late"}, found));
  EXPECT_EQ(found, (Symbols{{"wanted", 0xffffffff81000000U}, {"clone", 0xffffffff81000010U}}));
}

TEST(Kallsyms, StopsWhenAllAreFound) {
  Symbols found;
  EXPECT_FALSE(scan_symbols("0000000000000000 D a\nffffffff81000000 T b\n", {"a"}, found));
  EXPECT_EQ(found, (Symbols{{"a", 0}}));
}

}  // namespace
}  // namespace daxbreak
