// SPDX-License-Identifier: GPL-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "lab/archive.h"
#include "lab/initramfs.h"
#include "lab/kernel_catalogue.h"
#include "lab/kernel_fetch.h"

namespace daxbreak {
namespace {

std::string error_of(const char* text) {
  auto source = parse_kernel_source(text, "kernels/x");
  return source ? "" : source.error().message();
}

TEST(Catalogue, ReadsAFile) {
  auto source = parse_kernel_source(
      "# a comment\n title = Debian 12 \nsuite=bookworm\nsecurity = yes\n"
      "package = linux-image-amd64\ndefault = yes",
      "configs/kernels/6.1");
  ASSERT_TRUE(source) << source.error().message();
  EXPECT_EQ(source->name, "6.1");
  EXPECT_EQ(source->title, "Debian 12");
  EXPECT_EQ(source->suite, "bookworm");
  EXPECT_EQ(source->package, "linux-image-amd64");
  EXPECT_TRUE(source->security);
  EXPECT_TRUE(source->by_default);
}

TEST(Catalogue, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("suite = sid\nsute = x\n"),
            "kernels/x:2: unknown key 'sute', did you mean 'suite'?");
  EXPECT_EQ(error_of("suite sid\n"), "kernels/x:1: 'suite sid' is not 'key = value'");
  EXPECT_EQ(error_of("suite =\n"), "kernels/x:1: 'suite' has no value");
  EXPECT_EQ(error_of("suite = a\nsuite = b\n"), "kernels/x:2: 'suite' is given twice");
  EXPECT_EQ(error_of("default = maybe\n"), "kernels/x:1: 'default' is yes or no, not 'maybe'");
  EXPECT_EQ(error_of("suite = sid\n"),
            "kernels/x:1: 'package' is missing, or 'source' of a kernel to build");
  EXPECT_EQ(error_of("package = p\n"), "kernels/x:1: 'suite' is missing");
  EXPECT_EQ(error_of("suite = a b\n"), "kernels/x:1: 'a b' cannot be the name of a suite");
  EXPECT_EQ(error_of("package = -oX\n"), "kernels/x:1: '-oX' cannot be the name of a package");
}

TEST(Catalogue, ReadsAKernelToBuild) {
  auto source = parse_kernel_source(
      "suite = bookworm\nsource = linux-source-6.1\npatch = patches/a.patch, /else/b.patch\n"
      "config = build/base.config\nappend = dax_scheme=map-counted debug\n",
      "configs/kernels/mine");
  ASSERT_TRUE(source) << source.error().message();
  EXPECT_TRUE(source->built());
  EXPECT_EQ(source->source, "linux-source-6.1");
  EXPECT_EQ(source->patches, (std::vector<std::filesystem::path>{"configs/kernels/patches/a.patch",
                                                                 "/else/b.patch"}));
  EXPECT_EQ(source->configs,
            (std::vector<std::filesystem::path>{"configs/kernels/build/base.config"}));
  EXPECT_EQ(source->append, "dax_scheme=map-counted debug");
  EXPECT_FALSE(source->by_default);
}

TEST(Catalogue, AFetchedKernelMayHaveParametersToo) {
  auto source = parse_kernel_source("suite = sid\npackage = p\nappend = nokaslr\n", "kernels/x");
  ASSERT_TRUE(source) << source.error().message();
  EXPECT_FALSE(source->built());
  EXPECT_EQ(source->append, "nokaslr");
}

TEST(Catalogue, RefusesToFetchAndBuildAtOnce) {
  EXPECT_EQ(error_of("suite = a\npackage = p\nsource = s\n"),
            "kernels/x:3: 'package' is for a kernel to fetch and 'source' for one to build; give "
            "one of them");
  EXPECT_EQ(error_of("suite = a\npackage = p\npatch = q\n"),
            "kernels/x:3: 'patch' belongs to a kernel to build, which has a 'source'");
  EXPECT_EQ(error_of("suite = a\npackage = p\nconfig = q\n"),
            "kernels/x:3: 'config' belongs to a kernel to build, which has a 'source'");
  EXPECT_EQ(error_of("suite = a\nsource = s\n"),
            "kernels/x:2: 'config' is missing: what the kernel is to have over tinyconfig "
            "(build/base.config)");
  EXPECT_EQ(error_of("suite = a\nsource = ../s\n"),
            "kernels/x:2: '../s' cannot be the name of a package");
}

TEST(Catalogue, TheOneWeShipNamesFilesThatAreThere) {
  auto catalogue = read_catalogue(DAXBREAK_SOURCE "/configs/kernels");
  ASSERT_TRUE(catalogue) << catalogue.error().message();
  for (const KernelSource& source : *catalogue) {
    for (const auto* files : {&source.patches, &source.configs})
      for (const std::filesystem::path& file : *files)
        EXPECT_TRUE(std::filesystem::is_regular_file(file)) << source.name << ": " << file;
  }
}

TEST(Catalogue, TheOneWeShipHasFourByDefault) {
  auto catalogue = read_catalogue(DAXBREAK_SOURCE "/configs/kernels");
  ASSERT_TRUE(catalogue) << catalogue.error().message();
  std::vector<std::string> defaults;
  for (const KernelSource& source : *catalogue)
    if (source.by_default) defaults.push_back(source.name);
  EXPECT_EQ(defaults, (std::vector<std::string>{"5.10", "6.1", "6.12", "sid"}));
  auto wrong = find_kernel(*catalogue, "6.21");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("there are 5.10, 6.1, 6.12, "), std::string::npos);
}

constexpr const char* uris =
    "'http://other/node/dists/nodistro/InRelease' other 0\n"
    "'http://mirror/debian/dists/bookworm/InRelease' mirror_debian 0 \n"
    "'http://mirror/debian/dists/bookworm-updates/InRelease' x 0\n"
    "'http://safe/dsec/dists/bookworm-security/InRelease' y 0\n"
    "'http://mirror/debian/dists/bookworm/main/binary-amd64/Packages.xz' z 0\n";

TEST(Archive, FindsTheSitesInAptsOwnConfiguration) {
  auto sites = parse_sites(uris, "bookworm");
  ASSERT_TRUE(sites);
  EXPECT_EQ(sites->main, "http://mirror/debian");
  EXPECT_EQ(sites->security, "http://safe/dsec");
  auto unstable = parse_sites("'http://m/debian/dists/sid/InRelease' a 0\n", "forky");
  ASSERT_TRUE(unstable);
  EXPECT_EQ(unstable->main, "http://m/debian");
  EXPECT_EQ(unstable->security, "");
  EXPECT_FALSE(parse_sites("'http://m/x/dists/nodistro/InRelease' a 0\n", "bookworm"));
  EXPECT_FALSE(parse_sites("", ""));
}

TEST(Archive, FindsTheKeyrings) {
  auto sites = parse_sites(uris, "bookworm");
  ASSERT_TRUE(sites);
  using Paths = std::vector<std::filesystem::path>;
  EXPECT_EQ(parse_signed_by("Types: deb\nURIs: http://mirror/debian\nSigned-By: /k/a.gpg /k/b.gpg\n"
                            "\nURIs: http://other\nSigned-By: /k/c.gpg\n",
                            *sites),
            (Paths{"/k/a.gpg", "/k/b.gpg"}));
  EXPECT_EQ(parse_signed_by("deb [arch=amd64 signed-by=/k/d.gpg] http://safe/dsec sid main\n"
                            "# deb [signed-by=/k/e.gpg] http://mirror/debian sid main\n",
                            *sites),
            (Paths{"/k/d.gpg"}));
  EXPECT_EQ(parse_signed_by("URIs: http://mirror/debian\nSigned-By:\n -----BEGIN PGP\n", *sites),
            Paths{});
}

TEST(Archive, ReadsAPackage) {
  auto package = parse_package(
      "Package: linux-image-7\nVersion: 7.2-1\nInstalled-Size: 15\nSize: 1900\n"
      "Depends: dracut | initramfs-tools (>= 0.1), linux-base-7 (= 7.2-1), kmod:any\n"
      "\nPackage: other\nVersion: 1\n");
  ASSERT_TRUE(package);
  EXPECT_EQ(package->name, "linux-image-7");
  EXPECT_EQ(package->version, "7.2-1");
  EXPECT_EQ(package->download_bytes, 1900U);
  EXPECT_EQ(package->installed_bytes, 15U * 1024);
  ASSERT_EQ(package->depends.size(), 3U);
  EXPECT_EQ(package->depends[0].name, "dracut");
  EXPECT_EQ(package->depends[0].version, "");
  EXPECT_EQ(package->depends[1].name, "linux-base-7");
  EXPECT_EQ(package->depends[1].version, "7.2-1");
  EXPECT_EQ(package->depends[2].name, "kmod");
  EXPECT_FALSE(parse_package("N: nothing\n"));
}

TEST(Ldd, ReadsLibrariesAndTheLoader) {
  auto libraries = parse_ldd(
      "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc.so.6 => /lib/x/libc.so.6 (0x00007f)\n"
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n",
      "p");
  ASSERT_TRUE(libraries);
  EXPECT_EQ(*libraries, (std::vector<std::filesystem::path>{"/lib/x/libc.so.6",
                                                            "/lib64/ld-linux-x86-64.so.2"}));
  auto lost = parse_ldd("\tliba.so => not found\n", "p");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().message(), "p needs liba.so, which is not installed");
}

/// A file with the given bytes, removed with the test.
class KernelFile : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(folder_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& bytes) {
    const std::string path = folder_ + "/bzImage";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  /// One setup sector beside the boot sector, then 32 bytes of kernel.
  static std::string bzimage() {
    std::string bytes(1024 + 32, '\0');
    bytes[0x1f1] = 1;
    bytes[0x1f4] = 2;
    bytes.replace(0x1fe, 2, "\x55\xaa");
    bytes.replace(0x202, 4, "HdrS");
    bytes.replace(0x20e, 2, std::string("\x00\x01", 2));  // 0x100 + 0x200
    bytes.replace(0x300, 12, "9.9-test (a)");
    return bytes;
  }
  std::string folder_ = testing::TempDir() + "daxbreak-kernel-XXXXXX";
};

TEST_F(KernelFile, SaysItsVersion) {
  auto image = custom_kernel(write(bzimage()), std::nullopt);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->release, "9.9-test");
  EXPECT_EQ(image->version, "9.9-test (a)");
  EXPECT_TRUE(image->modules.empty());
}

TEST_F(KernelFile, TruncatedOrNoKernelAtAll) {
  const auto why = [&](const std::string& bytes) {
    auto line = kernel_version_line(write(bytes));
    return line ? std::string("taken") : line.error().message();
  };
  EXPECT_NE(why(bzimage().substr(0, 1040)).find("truncated: 1040 bytes of 1056"),
            std::string::npos);
  EXPECT_NE(why(bzimage().substr(0, 300)).find("too short"), std::string::npos);
  EXPECT_NE(why("").find("empty"), std::string::npos);
  EXPECT_NE(why("\177ELF" + std::string(9000, 'x')).find("ELF"), std::string::npos);
  EXPECT_NE(why(std::string(9000, 'x')).find("not a bzImage"), std::string::npos);
  EXPECT_FALSE(kernel_version_line(folder_));
  EXPECT_FALSE(kernel_version_line(folder_ + "/none"));
}

}  // namespace
}  // namespace daxbreak
