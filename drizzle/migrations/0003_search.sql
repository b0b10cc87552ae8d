-- Text search: the words of each row, kept by triggers whoever writes. Contentless: the words are not stored twice.
-- A model is found by its number alone as well: the letters in front of INR18650-35E are cut off once more.
CREATE VIRTUAL TABLE battery_search USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3');
--> statement-breakpoint
CREATE VIRTUAL TABLE product_search USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3');
--> statement-breakpoint
INSERT INTO battery_search (rowid, words) SELECT id, concat_ws(' ', manufacturer, model, ltrim(model, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'), size_code, ltrim(size_code, 'Rr'), iec_designation, chemistry, format, kind) FROM lithium_ion_batteries;
--> statement-breakpoint
INSERT INTO product_search (rowid, words) SELECT id, concat_ws(' ', manufacturer, sku, name, gtin, category) FROM products;
--> statement-breakpoint
CREATE TRIGGER batteries_found AFTER INSERT ON lithium_ion_batteries BEGIN INSERT INTO battery_search (rowid, words) VALUES (new.id, concat_ws(' ', new.manufacturer, new.model, ltrim(new.model, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'), new.size_code, ltrim(new.size_code, 'Rr'), new.iec_designation, new.chemistry, new.format, new.kind)); END;
--> statement-breakpoint
CREATE TRIGGER batteries_found_anew AFTER UPDATE OF manufacturer, model, size_code, iec_designation, chemistry, format, kind ON lithium_ion_batteries BEGIN UPDATE battery_search SET words = concat_ws(' ', new.manufacturer, new.model, ltrim(new.model, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'), new.size_code, ltrim(new.size_code, 'Rr'), new.iec_designation, new.chemistry, new.format, new.kind) WHERE rowid = new.id; END;
--> statement-breakpoint
CREATE TRIGGER batteries_found_no_more AFTER DELETE ON lithium_ion_batteries BEGIN DELETE FROM battery_search WHERE rowid = old.id; END;
--> statement-breakpoint
CREATE TRIGGER products_found AFTER INSERT ON products BEGIN INSERT INTO product_search (rowid, words) VALUES (new.id, concat_ws(' ', new.manufacturer, new.sku, new.name, new.gtin, new.category)); END;
--> statement-breakpoint
CREATE TRIGGER products_found_anew AFTER UPDATE OF manufacturer, sku, name, gtin, category ON products BEGIN UPDATE product_search SET words = concat_ws(' ', new.manufacturer, new.sku, new.name, new.gtin, new.category) WHERE rowid = new.id; END;
--> statement-breakpoint
CREATE TRIGGER products_found_no_more AFTER DELETE ON products BEGIN DELETE FROM product_search WHERE rowid = old.id; END;
