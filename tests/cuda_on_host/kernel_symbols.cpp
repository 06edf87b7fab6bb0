// SPDX-License-Identifier: Apache-2.0
#include "kernel_symbols.h"

#include <cxxabi.h>
#include <elf.h>
#include <link.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <span>

#include "host_runtime.h"

namespace assay::host {
namespace {

struct SymbolTable {
  std::map<std::uintptr_t, std::string> functions;                    // address -> mangled name
  std::multimap<std::string, Grid::Variable, std::less<>> variables;  // mangled name ->

  SymbolTable() {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto* header = reinterpret_cast<const Elf64_Ehdr*>(bytes.data());
    const std::span sections(reinterpret_cast<const Elf64_Shdr*>(bytes.data() + header->e_shoff),
                             header->e_shnum);
    std::uintptr_t base = 0;  // where the program was loaded; it comes first
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* to) {
          *static_cast<std::uintptr_t*>(to) = info->dlpi_addr;
          return 1;
        },
        &base);
    for (const Elf64_Shdr& section : sections) {
      if (section.sh_type != SHT_SYMTAB) continue;
      const char* names = bytes.data() + sections[section.sh_link].sh_offset;
      for (const Elf64_Sym& symbol :
           std::span(reinterpret_cast<const Elf64_Sym*>(bytes.data() + section.sh_offset),
                     section.sh_size / sizeof(Elf64_Sym))) {
        const std::uintptr_t address = base + symbol.st_value;
        if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) functions[address] = names + symbol.st_name;
        if (ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT)
          variables.insert({names + symbol.st_name, {reinterpret_cast<void*>(address), symbol.st_size}});
      }
    }
  }
};

KernelSymbols find(const SymbolTable& table, const void* function) {
  const auto found = table.functions.find(reinterpret_cast<std::uintptr_t>(function));
  if (found == table.functions.end())
    host_fault("a launch of what is no function of this program, or it was stripped");
  const std::string& mangled = found->second;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  KernelSymbols symbols{.name = status == 0 ? text.get() : mangled, .shared = {}};
  // _Z<function> has its static variables in _ZZ<function>E<name>.
  const std::string prefix = "_ZZ" + mangled.substr(2) + "E";
  for (auto at = table.variables.lower_bound(prefix);
       at != table.variables.end() && at->first.starts_with(prefix); ++at)
    symbols.shared.push_back(at->second);
  return symbols;
}

}  // namespace

const KernelSymbols& symbols_of(const void* function) {
  static const SymbolTable table;
  static std::map<const void*, KernelSymbols> known;
  const auto at = known.find(function);
  return at != known.end() ? at->second : known.emplace(function, find(table, function)).first->second;
}

}  // namespace assay::host
