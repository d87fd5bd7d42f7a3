"""codegen: writes graphs as Python files that need only NumPy."""

from codegen.module import Module, Report, compile_function as compile

__all__ = ["Module", "Report", "compile"]
