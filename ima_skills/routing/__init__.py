"""Understanding: from a Chinese or English wish to a request, or to the one question that is missing."""
