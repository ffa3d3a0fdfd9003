"""Search methods, and the searches of mappings and of hardware that use them."""
