"""The live page's blocks: what there is, how they are laid out, what they show."""
