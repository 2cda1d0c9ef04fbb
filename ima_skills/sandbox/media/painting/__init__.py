"""Pictures: scenes, styles, captions and the fonts for them."""
