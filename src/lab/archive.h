// SPDX-License-Identifier: GPL-2.0
/// Packages of other Debian suites, through an apt of our own.
///
/// Everything apt would keep for the system (lists, cache, status, sources, preferences) is in a
/// folder of ours, so an ordinary user can do it and the system's apt is not touched. Where the
/// archive is comes from the machine's own apt configuration, and so do its proxies; what is
/// fetched is verified by apt against Debian's keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace daxbreak {

/// Where Debian's packages come from on this machine.
struct ArchiveSites {
  std::string main;                             ///< base address of the archive
  std::string security;                         ///< the same of -security suites; may be empty
  std::vector<std::filesystem::path> keyrings;  ///< empty: the keys apt itself trusts
};

/// Finds the sites among the index files that `apt-get update --print-uris` lists. The archive is
/// the site whose suite is `codename` (the machine's own release), or another name that Debian uses
/// for its suites; the security site is one with a suite that ends in -security. An Error when none
/// fits. Pure.
[[nodiscard]] Result<ArchiveSites> parse_sites(std::string_view print_uris,
                                               std::string_view codename);

/// The keyrings that Signed-By names in one file of apt's sources, in either of its formats, for
/// entries that mention one of the sites. Keys written into the file itself are not returned. Pure.
[[nodiscard]] std::vector<std::filesystem::path> parse_signed_by(std::string_view sources,
                                                                 const ArchiveSites& sites);

/// Asks this machine's apt. `scratch` is a folder apt may write its lists in. `stop` ends apt.
[[nodiscard]] Result<ArchiveSites> machine_sites(const std::filesystem::path& scratch,
                                                 const std::stop_token& stop = {});

/// One version of a package, as the archive describes it.
struct Package {
  std::string name;
  std::string version;
  std::uint64_t download_bytes = 0;
  std::uint64_t installed_bytes = 0;

  /// A dependency's first alternative. `version` is set where "(= version)" asks for exactly one.
  struct Dependency {
    std::string name;
    std::string version;
  };
  std::vector<Dependency> depends;
};

/// Reads the first paragraph that `apt-cache show` prints. Pure.
[[nodiscard]] Result<Package> parse_package(std::string_view paragraph);

/// An apt that knows one suite (and its -security suite). All that it does ends early, with
/// ECANCELED, when the stop token given to open() asks for it.
class Archive {
 public:
  /// Writes the configuration into `folder`. Nothing is fetched yet.
  [[nodiscard]] static Result<Archive> open(const std::filesystem::path& folder,
                                            const ArchiveSites& sites, const std::string& suite,
                                            bool security, std::stop_token stop = {});

  /// Fetches the lists. The text is what went wrong, "" if nothing did: apt goes on with the lists
  /// it has, so a failure may still leave an archive to work with.
  [[nodiscard]] Result<std::string> update(Nanos limit) const;

  /// When update() last went through without a complaint; Nanos::max() if it never did.
  [[nodiscard]] Nanos age() const;

  /// The newest version of the package, or the given one.
  [[nodiscard]] Result<Package> find(const std::string& name,
                                     const std::string& version = {}) const;

  /// The suite that version comes from ("bookworm-security"), or "" if apt does not say.
  [[nodiscard]] std::string suite_of(const Package& package) const;

  /// Fetches .deb files into a folder, verified.
  [[nodiscard]] Result<void> download(const std::vector<Package>& packages,
                                      const std::filesystem::path& into, Nanos limit) const;

 private:
  Archive(std::filesystem::path folder, std::stop_token stop)
      : folder_(std::move(folder)), stop_(std::move(stop)) {}
  std::vector<std::string> apt(const std::string& program,
                               const std::vector<std::string>& words) const;
  std::filesystem::path folder_;
  std::stop_token stop_;
};

}  // namespace daxbreak
