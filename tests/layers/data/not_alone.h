// Wrong on purpose: uses std::string and leaves the include to whoever includes this.
#pragma once

std::string name_of_nothing();
