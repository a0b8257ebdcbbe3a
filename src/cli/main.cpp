// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <exception>

#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "lab/guest.h"

namespace daxbreak {
namespace {

/// The deepest subcommand that was named on the command line.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty())
    at = at->get_subcommands().front();
  return *at;
}

/// The switch or subcommand nearest to a word nobody knows.
std::string nearest_switch(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames())
        known.push_back("--" + name);
  } else {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(sub->get_name());
  }
  return nearest_word(word.substr(0, word.find('=')), known);
}

/// One sentence for what CLI11 found wrong.
std::string usage_sentence(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& where = innermost(app);
  auto unknown = app.remaining(true);
  std::erase(unknown, "--");  // what stands behind it is no switch
  std::string sentence = error.what();
  if (!unknown.empty()) {
    const std::string near = nearest_switch(where, unknown.front());
    sentence = fmt::format("unknown argument \"{}\"", unknown.front());
    if (!near.empty())
      sentence += fmt::format("; did you mean \"{}\"?", near);
    else
      sentence += "; see " + (&where == &app ? "" : where.get_name() + " ") + "--help";
  }
  if (unknown.empty())
    sentence += "; see " + (&where == &app ? "" : where.get_name() + " ") + "--help";
  // CLI11 ends some sentences with a newline.
  sentence.erase(sentence.find_last_not_of(" \n") + 1);
  return sentence;
}

int run(int argc, char** argv) {
  CLI::App app{
      "Does a file on persistent memory that loses blocks while somebody holds their pages make\n"
      "the kernel wait, does it wake, and does anybody's data get hurt?",
      "daxbreak"};
  app.set_version_flag("--version", "daxbreak-" DAXBREAK_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  app.footer(
      "Examples:\n"
      "  daxbreak doctor                           what this machine can do\n"
      "  daxbreak run smoke                        a first look, a minute a kernel\n"
      "  daxbreak matrix                           the standard job on the default kernels\n"
      "  daxbreak matrix --kernel 6.1 --pin=all    one kernel, every pin\n"
      "  sudo daxbreak run my.job --directory /mnt/pmem\n"
      "Every subcommand has --help. Exit status: 0 all pass, 1 findings, 2 usage, 3 could not "
      "run.");
  Action action;
  add_run(app, action);
  add_matrix(app, action);
  add_census(app, action);
  add_report(app, action);
  add_merge(app, action);
  add_compare(app, action);
  add_list(app, action);
  add_lab(app, action);
  add_reproducer(app, action);
  add_provision(app, action);
  add_doctor(app, action);
  add_completion(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    complain(usage_sentence(app, error));
    return exit_usage;
  }
  return action ? action() : exit_usage;
}

}  // namespace
}  // namespace daxbreak

int main(int argc, char** argv) {
  // In a machine of the lab this program is /init.
  if (daxbreak::is_guest_init()) return daxbreak::guest_main();
  try {
    return daxbreak::run(argc, argv);
  } catch (const std::exception& error) {
    daxbreak::complain(error.what());
    return daxbreak::exit_could_not_run;
  }
}
